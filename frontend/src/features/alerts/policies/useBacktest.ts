import type { Ref } from 'vue'
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { ApiError } from '@/api/envelope'
import { backtest } from '@/api/policies'
import type { Backtest, NewPolicy } from '@/api/types'
import { asApiError } from '@/composables/errors'

const SETTLE_MS = 400

type Run = (
  policy: NewPolicy,
  days: number,
  options: { signal: AbortSignal; onProgress: (share: number) => void },
) => Promise<Backtest>

/**
 * Backtests *policy* over the last *days*, again after each pause in changes. A new backtest cancels the one before.
 * The last result stays, marked stale, until the next.
 */
export function useBacktest(policy: Ref<NewPolicy | null>, days: Ref<number>, run: Run = backtest) {
  const result = shallowRef<Backtest>()
  /** The policy that the result belongs to. */
  const tested = shallowRef<NewPolicy>()
  const error = shallowRef<ApiError>()
  const isRunning = shallowRef(false)
  /** True if the result belongs to other values than those in the form. */
  const isStale = shallowRef(false)
  const isCancelled = shallowRef(false)
  const progress = shallowRef(0)
  let current: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  async function start(): Promise<void> {
    stop()
    const asked = policy.value
    if (asked === null) return
    const mine = new AbortController()
    current = mine
    isRunning.value = true
    isCancelled.value = false
    progress.value = 0
    try {
      const found = await run(asked, days.value, {
        signal: mine.signal,
        onProgress: (share) => current === mine && (progress.value = share),
      })
      if (mine.signal.aborted) return
      result.value = found
      tested.value = asked
      error.value = undefined
      isStale.value = false
    } catch (raw) {
      if (mine.signal.aborted) return
      error.value = asApiError(raw)
    } finally {
      if (current === mine) isRunning.value = false
    }
  }

  function stop(): void {
    clearTimeout(timer)
    current?.abort()
    current = undefined
    isRunning.value = false
  }

  function cancel(): void {
    stop()
    isCancelled.value = true
  }

  watch(
    () => JSON.stringify([policy.value, days.value]),
    (_, before) => {
      stop()
      isStale.value = true
      error.value = undefined
      if (policy.value === null) return
      // The first immediately, later ones after a pause.
      timer = setTimeout(() => void start(), before === undefined ? 0 : SETTLE_MS)
    },
    { immediate: true },
  )
  onScopeDispose(stop)
  return { result, tested, error, isRunning, isStale, isCancelled, progress, start, cancel }
}
