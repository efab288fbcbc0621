import { onScopeDispose, shallowRef } from 'vue'
import { ApiError } from '@/api/envelope'
import { asApiError } from './errors'

const PAUSE_MS = 1_000
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface Job<Answer> {
  progress: number
  result: Answer | null
  error: string | null
}

/** How the server is asked about a replay that takes long, and how it is ended. */
interface Calls<Answer> {
  get(job_id: string, signal: AbortSignal): Promise<Job<Answer>>
  cancel(job_id: string): Promise<unknown>
}

/**
 * A replay of the past. What is known at once is there first; for a large fleet the rest takes long, and `progress`
 * (0 to 1) says how far it is. A new one, and leaving the page, cancels the one before.
 */
export function useReplay<Answer extends { job_id: string | null }>(calls: Calls<Answer>, pauseMs = PAUSE_MS) {
  const answer = shallowRef<Answer>()
  const error = shallowRef<ApiError>()
  const progress = shallowRef<number>()
  const isRunning = shallowRef(false)
  let running: AbortController | undefined
  let job: string | null = null

  function cancel(): void {
    running?.abort()
    if (job !== null) calls.cancel(job).catch(() => undefined) // it ends by itself too
    job = null
    progress.value = undefined
    isRunning.value = false
  }

  function clear(): void {
    cancel()
    answer.value = undefined
    error.value = undefined
  }

  async function run(begin: (signal: AbortSignal) => Promise<Answer>): Promise<void> {
    clear()
    const mine = (running = new AbortController())
    isRunning.value = true
    try {
      answer.value = await begin(mine.signal)
      job = answer.value.job_id
      while (job !== null && !mine.signal.aborted) {
        const found = await calls.get(job, mine.signal)
        if (found.error !== null) throw new ApiError(500, found.error, found.error)
        progress.value = found.progress
        if (found.result !== null) {
          answer.value = found.result
          job = null
        } else await pause(pauseMs)
      }
    } catch (raw) {
      if (mine.signal.aborted) return
      job = null
      error.value = asApiError(raw)
    } finally {
      if (running === mine) {
        isRunning.value = false
        progress.value = undefined
      }
    }
  }

  onScopeDispose(cancel)
  return { answer, error, progress, isRunning, run, clear }
}
