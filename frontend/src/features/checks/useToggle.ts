import { useI18n } from 'vue-i18n'
import type { Check, CheckIn } from '@/api/checks'
import { useNotice } from '@/composables/useNotice'
import type { Pages } from './pages'

/** Pauses checks or check-ins, and resumes those that are paused. */
export function useToggle<Thing extends Check | CheckIn>(of: Pages<Thing>, done: () => unknown) {
  const { t } = useI18n()
  const notice = useNotice()

  return async function toggle({ id, state }: Thing): Promise<void> {
    const isPaused = state === 'paused'
    await notice.attempt(() => (isPaused ? of.resume(id) : of.pause(id)), t(of.words[isPaused ? 'resumed' : 'paused']))
    await done()
  }
}
