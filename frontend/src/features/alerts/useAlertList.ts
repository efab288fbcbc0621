import { useIntervalFn, watchDebounced } from '@vueuse/core'
import { computed, watch } from 'vue'
import { listAlerts } from '@/api/alerts'
import { serverNow } from '@/api/clock'
import type { Alert } from '@/api/types'
import { usePages } from '@/composables/usePages'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'
import { useLive } from '@/stores/live'
import { pastPage } from './pastAlerts'
import type { Tab, useAlertFilters } from './useAlertFilters'
import { useNews } from './useNews'

const PAGE = 100
const MOST_PENDING = 1_000
const PENDING_MS = 15_000
const SETTLE_MS = 500

/** The alerts of the tab that is shown. The list moves by itself, unless *isRead* or somebody is further down. */
export function useAlertList(filters: ReturnType<typeof useAlertFilters>, isRead: () => boolean) {
  const firing = useFiring()
  const live = useLive()
  /** All of them, for their number: they come without pages. */
  const pending = useQuery((signal) => listAlerts({ query: { state: 'pending', limit: MOST_PENDING }, signal }))
  const pages = usePages(
    (cursor, signal) => {
      const query = filters.query(serverNow())
      if (filters.tab.value === 'pending') return listAlerts({ query: { ...query, limit: MOST_PENDING }, signal })
      const ask = (from: string | null) => listAlerts({ query: { ...query, limit: PAGE, cursor: from }, signal })
      return filters.tab.value === 'firing' ? ask(cursor) : pastPage(ask, cursor)
    },
    [filters.key],
  )
  const isPending = computed(() => filters.tab.value === 'pending')
  // Until the answer is there, the list still holds what another tab shows.
  const shown = computed(() => pages.items.value.filter((alert) => tabOf(alert) === filters.tab.value))
  const isFurtherDown = () => !isPending.value && pages.items.value.length > PAGE
  const { hasNews, arrive, take } = useNews(() => isRead() || isFurtherDown(), () => void Promise.all([pending.reload(), pages.reload()]))

  // Many change in one moment when a rack dies.
  watchDebounced([() => firing.changes, () => live.reconnects], arrive, { debounce: SETTLE_MS, maxWait: 4 * SETTLE_MS })
  watch(filters.key, () => (hasNews.value = false))
  // The stream does not tell of those that are only pending.
  useIntervalFn(() => {
    if (document.visibilityState !== 'visible') return
    void pending.reload()
    if (isPending.value && !isRead()) void pages.reload()
  }, PENDING_MS)

  return {
    shown,
    pendingCount: computed(() => pending.data.value?.items.length),
    // They come without pages: as many as were asked for may not be all.
    isPendingCut: computed(() => pending.data.value?.items.length === MOST_PENDING),
    hasNews,
    reload: take,
    more: pages.more,
    hasMore: pages.hasMore,
    isGettingMore: pages.isGettingMore,
    isLoading: computed(() => pages.isBusy.value && shown.value.length === 0 && pages.error.value === undefined),
    error: pages.error,
  }
}

function tabOf({ state }: Alert): Tab {
  return state === 'firing' || state === 'pending' ? state : 'past'
}
