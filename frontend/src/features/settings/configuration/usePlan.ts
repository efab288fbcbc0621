import { onScopeDispose, shallowRef } from 'vue'
import { cancelPlan, getPlan, planConfiguration } from '@/api/configuration'
import { ApiError } from '@/api/envelope'
import type { Plan } from '@/api/types'
import { asApiError } from '@/composables/errors'

const PAUSE_MS = 1_000
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * A plan of a file. The changes are there first; the pages of a large fleet take long, and `progress` (0 to 1) says how
 * far they are. A new plan, and leaving the page, cancels the one before.
 */
export function usePlan(pauseMs = PAUSE_MS) {
  const plan = shallowRef<Plan>()
  const error = shallowRef<ApiError>()
  const progress = shallowRef<number>()
  const isPlanning = shallowRef(false)
  let running: AbortController | undefined
  let job: string | null = null

  function cancel(): void {
    running?.abort()
    if (job !== null) cancelPlan(job).catch(() => undefined) // it ends by itself too
    job = null
    progress.value = undefined
    isPlanning.value = false
  }

  function clear(): void {
    cancel()
    plan.value = undefined
    error.value = undefined
  }

  async function make(config: string, days: number): Promise<void> {
    clear()
    const mine = (running = new AbortController())
    isPlanning.value = true
    try {
      plan.value = await planConfiguration(config, days, mine.signal)
      job = plan.value.job_id
      while (job !== null && !mine.signal.aborted) {
        const found = await getPlan(job, mine.signal)
        if (found.error !== null) throw new ApiError(500, found.error, found.error)
        progress.value = found.progress
        if (found.result !== null) {
          plan.value = found.result
          job = null
        } else await pause(pauseMs)
      }
    } catch (raw) {
      if (mine.signal.aborted) return
      job = null
      error.value = asApiError(raw)
    } finally {
      if (running === mine) {
        isPlanning.value = false
        progress.value = undefined
      }
    }
  }

  onScopeDispose(cancel)
  return { plan, error, progress, isPlanning, make, clear }
}
