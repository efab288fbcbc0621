import { useIntervalFn, watchDebounced } from '@vueuse/core'
import { computed, shallowRef, watch } from 'vue'
import { listAlerts } from '@/api/alerts'
import { usePages } from '@/composables/usePages'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'
import { useLive } from '@/stores/live'
import { pastPage } from './pastAlerts'
import type { useAlertFilters } from './useAlertFilters'

const PAGE = 100
const MOST_PENDING = 1_000
const PENDING_MS = 15_000
const SETTLE_MS = 500

/** The alerts of the tab that is shown. The list moves by itself, unless somebody reads further down: then it says so. */
export function useAlertList(filters: ReturnType<typeof useAlertFilters>) {
  const firing = useFiring()
  const live = useLive()
  const hasNews = shallowRef(false)

  const pending = useQuery((signal) => listAlerts({ query: { state: 'pending', limit: MOST_PENDING }, signal }))
  const pages = usePages(
    (cursor, signal) => {
      const query = { ...filters.query(Date.now()), limit: PAGE }
      if (filters.tab.value === 'pending') return Promise.resolve({ items: [], next: null })
      if (filters.tab.value === 'firing') return listAlerts({ query: { ...query, state: 'firing', cursor }, signal })
      return pastPage((from) => listAlerts({ query: { ...query, cursor: from }, signal }), cursor)
    },
    [filters.key],
  )
  const isPending = computed(() => filters.tab.value === 'pending')
  const shown = computed(() => (isPending.value ? (pending.data.value?.items ?? []).filter(filters.matches) : pages.items.value))
  const pendingCount = computed(() => pending.data.value?.items.length)

  async function reload(): Promise<void> {
    hasNews.value = false
    await Promise.all([pending.reload(), isPending.value ? undefined : pages.reload()])
  }

  function renew(): void {
    if (!isPending.value && pages.items.value.length > PAGE) hasNews.value = true
    else void reload()
  }

  // Many change in one moment when a rack dies.
  watchDebounced([() => firing.changes, () => live.reconnects], renew, { debounce: SETTLE_MS, maxWait: 4 * SETTLE_MS })
  watch(filters.key, () => (hasNews.value = false))
  // The stream does not tell of those that are only pending.
  useIntervalFn(() => document.visibilityState === 'visible' && void pending.reload(), PENDING_MS)

  return {
    shown,
    pendingCount,
    hasNews,
    reload,
    more: pages.more,
    hasMore: computed(() => !isPending.value && pages.hasMore.value),
    isGettingMore: pages.isGettingMore,
    isLoading: computed(() => (isPending.value ? pending.isLoading.value : pages.isLoading.value)),
    isBusy: pages.isBusy,
    error: computed(() => (isPending.value ? pending.error.value : pages.error.value)),
  }
}
