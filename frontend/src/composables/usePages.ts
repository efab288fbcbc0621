import type { WatchSource } from 'vue'
import { computed, shallowRef, watch } from 'vue'
import type { Page } from '@/api/envelope'
import { asApiError } from './errors'
import { useQuery } from './useQuery'

/**
 * A paged list: loads the first page at the start and when *on* changes, the others on `more`. *news*: reloads it too, but
 * who has asked for further pages keeps them.
 */
export function usePages<T>(
  ask: (cursor: string | null, signal?: AbortSignal) => Promise<Page<T>>,
  on: WatchSource[] = [],
  news: WatchSource[] = [],
) {
  const further = shallowRef<Page<T>[]>([])
  const first = useQuery(async (signal) => {
    const page = await ask(null, signal)
    further.value = []
    return page
  }, on)
  watch(news, () => further.value.length === 0 && void first.reload())
  const isGettingMore = shallowRef(false)
  const last = computed(() => further.value.at(-1) ?? first.data.value)
  const items = computed(() => [...(first.data.value?.items ?? []), ...further.value.flatMap((page) => page.items)])
  const hasMore = computed(() => (last.value?.next ?? null) !== null)

  async function more(): Promise<void> {
    const cursor = last.value?.next ?? null
    const asked = first.data.value
    if (cursor === null || isGettingMore.value) return
    isGettingMore.value = true
    try {
      const page = await ask(cursor)
      // Unless the list was reloaded in between.
      if (first.data.value === asked) further.value = [...further.value, page]
    } catch (raw) {
      first.error.value = asApiError(raw)
    } finally {
      isGettingMore.value = false
    }
  }

  return {
    items,
    error: first.error,
    isLoading: first.isLoading,
    isBusy: first.isBusy,
    hasMore,
    isGettingMore,
    more,
    reload: first.reload,
    cancel: first.cancel,
  }
}
