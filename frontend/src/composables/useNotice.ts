import { ElMessage } from 'element-plus/es/components/message/index.mjs'
import 'element-plus/es/components/message/style/css'
import { useI18n } from 'vue-i18n'
import type { ApiError } from '@/api/envelope'
import { asApiError } from './errors'

/** Short words at the top of the screen, and the one way an action's failure is told. */
export function useNotice() {
  const { t } = useI18n()

  function wordsFor(error: ApiError): string {
    if (error.status === 0) return t('common.state.unreachable')
    const fields = Object.entries(error.fields).map(([name, why]) => `${name}: ${why}`)
    return [error.message || t('common.state.unknown'), ...fields].join(' · ')
  }

  const good = (message: string) => void ElMessage({ type: 'success', message, duration: 2_500, grouping: true })
  const bad = (message: string) => void ElMessage({ type: 'error', message, duration: 6_000, showClose: true, grouping: true })

  /** Do it, and say so; or say what went wrong. Answers whether it worked. */
  async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
    try {
      await work()
      if (done !== undefined) good(done)
      return true
    } catch (raw) {
      bad(wordsFor(asApiError(raw)))
      return false
    }
  }

  return { good, bad, attempt, wordsFor }
}
