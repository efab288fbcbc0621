import { useIntervalFn, watchDebounced } from '@vueuse/core'
import { computed, watch } from 'vue'
import { listAlerts } from '@/api/alerts'
import { usePages } from '@/composables/usePages'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'
import { useFleet } from '@/stores/fleet'
import { useLive } from '@/stores/live'
import { pastPage } from './pastAlerts'
import type { useAlertFilters } from './useAlertFilters'
import { useNews } from './useNews'

const PAGE = 100
const MOST_PENDING = 1_000
const PENDING_MS = 15_000
const SETTLE_MS = 500

/** The alerts of the tab that is shown. The list moves by itself, unless *isRead* or somebody is further down. */
export function useAlertList(filters: ReturnType<typeof useAlertFilters>, isRead: () => boolean) {
  const firing = useFiring()
  const fleet = useFleet()
  const live = useLive()
  const tagsOf = (serverId: number) => fleet.servers.get(serverId)?.tags ?? []

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
  const shown = computed(() => (isPending.value ? (pending.data.value?.items ?? []).filter((alert) => filters.matches(alert, tagsOf)) : pages.items.value))
  const pendingCount = computed(() => pending.data.value?.items.length)
  const isHeld = () => isRead() || (!isPending.value && pages.items.value.length > PAGE)
  const { hasNews, arrive, take } = useNews(isHeld, () => Promise.all([pending.reload(), isPending.value ? undefined : pages.reload()]))

  // Many change in one moment when a rack dies.
  watchDebounced([() => firing.changes, () => live.reconnects], arrive, { debounce: SETTLE_MS, maxWait: 4 * SETTLE_MS })
  watch(filters.key, () => (hasNews.value = false))
  // The stream does not tell of those that are only pending.
  useIntervalFn(() => document.visibilityState === 'visible' && !(isPending.value && isHeld()) && void pending.reload(), PENDING_MS)

  return {
    shown,
    pendingCount,
    hasNews,
    reload: take,
    more: pages.more,
    hasMore: computed(() => !isPending.value && pages.hasMore.value),
    isGettingMore: pages.isGettingMore,
    isLoading: computed(() => (isPending.value ? pending.isLoading.value : pages.isLoading.value)),
    isBusy: pages.isBusy,
    error: computed(() => (isPending.value ? pending.error.value : pages.error.value)),
  }
}
