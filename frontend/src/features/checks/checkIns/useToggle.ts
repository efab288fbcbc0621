import { useI18n } from 'vue-i18n'
import type { CheckIn } from '@/api/checks'
import { pauseCheckIn, resumeCheckIn } from '@/api/checks'
import { useNotice } from '@/composables/useNotice'

/** Pauses check-ins, and resumes those that are paused. */
export function useToggle(done: () => unknown) {
  const { t } = useI18n()
  const notice = useNotice()

  return async function toggle({ id, state }: CheckIn): Promise<void> {
    const isPaused = state === 'paused'
    await notice.attempt(
      () => (isPaused ? resumeCheckIn(id) : pauseCheckIn(id)),
      t(isPaused ? 'checkIns.resumed' : 'checkIns.paused'),
    )
    await done()
  }
}
