import { useI18n } from 'vue-i18n'
import type { ApiError } from '@/api/envelope'
import { asApiError } from './errors'
import { useDuration } from './useDuration'

/** Loaded after the first page, so that a lost connection can be shown too. */
export const loadNotices = () =>
  Promise.all([
    import('element-plus/es/components/message/index.mjs'),
    import('element-plus/es/components/message/style/css'),
    import('@/components/page/MissingNotice.vue'),
  ])

async function say(type: 'success' | 'error' | 'info', message: string, milliseconds: number): Promise<void> {
  const [{ ElMessage }] = await loadNotices()
  ElMessage({ type, message, duration: milliseconds, showClose: type === 'error', grouping: true })
}

/** Short messages at the top of the screen, also for every failed action. */
export function useNotice() {
  const { t } = useI18n()
  const duration = useDuration()

  function wordsFor(error: ApiError): string {
    if (error.status === 0) return t('common.state.unreachable')
    if (error.isUnconfirmed) return t('session.confirm.cancelled')
    if (error.reason === 'too_many_attempts' && error.retryAfter !== null)
      return t('session.login.tooMany', { span: duration(error.retryAfter) })
    return error.message || t('common.state.unknown') // includes the names of fields
  }

  const good = (message: string) => void say('success', message, 2_500)
  const bad = (message: string) => void say('error', message, 6_000)

  /** Runs *work* and shows that it is done, or the error. Returns true on success. */
  async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
    try {
      await work()
      if (done !== undefined) good(done)
      return true
    } catch (raw) {
      const error = asApiError(raw)
      if (error.isUnconfirmed) void say('info', wordsFor(error), 4_000)
      else bad(wordsFor(error))
      return false
    }
  }

  return { good, bad, attempt, wordsFor }
}
