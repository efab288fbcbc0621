import type { WatchSource } from 'vue'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { ApiError } from '@/api/envelope'
import { asApiError } from './errors'

/**
 * Data that a page fetches: loading, an error, or data. Fetches again when *on* changes, and on `reload`. An answer
 * to an older request is dropped. `isLoading` is true for the first time only: a refresh keeps the data.
 */
export function useQuery<T>(ask: (signal: AbortSignal) => Promise<T>, on: WatchSource[] = []) {
  const data = shallowRef<T>()
  const error = shallowRef<ApiError>()
  const isBusy = shallowRef(false)
  const isLoading = computed(() => isBusy.value && data.value === undefined && error.value === undefined)
  let current: AbortController | undefined

  async function reload(): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    isBusy.value = true
    try {
      const answer = await ask(mine.signal)
      if (mine.signal.aborted) return
      data.value = answer
      error.value = undefined
    } catch (raw) {
      if (mine.signal.aborted) return
      error.value = asApiError(raw)
    } finally {
      if (current === mine) isBusy.value = false
    }
  }

  /** Drops the answer that is on its way. Returns false if none is. */
  function cancel(): boolean {
    if (!isBusy.value) return false
    current?.abort()
    isBusy.value = false
    return true
  }

  watch(on, () => void reload(), { immediate: true })
  onScopeDispose(() => current?.abort())
  return { data, error, isBusy, isLoading, reload, cancel }
}
