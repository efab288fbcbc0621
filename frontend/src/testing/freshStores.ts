import { createPinia, disposePinia, type Pinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, vi } from 'vitest'
import { effectScope } from 'vue'
import { useLive } from '@/stores/live'

/** New stores and fake timers for each test. `run` calls a composable as a component would, which leaves with `stop`. */
export function freshStores() {
  let pinia: Pinia
  let scope: ReturnType<typeof effectScope>

  beforeEach(() => {
    vi.useFakeTimers()
    pinia = createPinia()
    setActivePinia(pinia)
    scope = effectScope()
  })
  afterEach(() => {
    scope.stop()
    useLive().end()
    disposePinia(pinia)
    vi.useRealTimers()
  })
  return { run: <T>(work: () => T): T => scope.run(work)!, stop: () => scope.stop() }
}
