import { watchDebounced } from '@vueuse/core'
import { computed, watch } from 'vue'
import { listAlerts } from '@/api/alerts'
import { serverNow } from '@/api/clock'
import type { Page } from '@/api/envelope'
import { listIncidents } from '@/api/incidents'
import type { Row } from '@/composables/alertRows'
import { isIncident } from '@/composables/alertRows'
import { usePolling } from '@/composables/usePolling'
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

/** The alerts or incidents of the selected tab. Updates by itself, unless *isRead* or the user scrolled down. */
export function useAlertList(filters: ReturnType<typeof useAlertFilters>, isRead: () => boolean) {
  const firing = useFiring()
  const live = useLive()
  /** All pending alerts, which are not paged, to count them. */
  const pending = useQuery((signal) => listAlerts({ query: { state: 'pending', limit: MOST_PENDING }, signal }))
  const pages = usePages<Row>(
    (cursor, signal) => {
      if (filters.isGrouped.value) return grouped(cursor, signal)
      const query = filters.query(serverNow())
      if (filters.tab.value === 'pending') return listAlerts({ query: { ...query, limit: MOST_PENDING }, signal })
      const ask = (from: string | null) => listAlerts({ query: { ...query, limit: PAGE, cursor: from }, signal })
      return filters.tab.value === 'firing' ? ask(cursor) : pastPage(ask, cursor)
    },
    [filters.key],
  )
  /** Incidents, and before them the alerts that have just fired and are in none yet. */
  async function grouped(cursor: string | null, signal?: AbortSignal): Promise<Page<Row>> {
    const query = { ...filters.incidentQuery(serverNow()), limit: PAGE, cursor }
    const { items, next } = await listIncidents({ query, signal })
    if (cursor !== null || filters.tab.value !== 'firing' || filters.count.value > 0) return { items, next }
    if (!firing.isLoaded) await firing.load()
    return { items: [...firing.alerts.filter((alert) => alert.incident_id === null), ...items], next }
  }

  const isPending = computed(() => filters.tab.value === 'pending')
  // Until the answer arrives, the list has the rows of another tab.
  const shown = computed(() =>
    pages.items.value.filter(
      (row) =>
        tabOf(row) === filters.tab.value &&
        (filters.isGrouped.value ? isIncident(row) || row.incident_id === null : !isIncident(row)),
    ),
  )
  const isFurtherDown = () => !isPending.value && pages.items.value.length > PAGE
  const { hasNews, arrive, take, forget } = useNews(
    () => isRead() || isFurtherDown(),
    () => void Promise.all([pending.reload(), pages.reload()]),
    pages.cancel,
  )

  // Many alerts change at the same moment if a rack fails.
  watchDebounced([() => firing.changes, () => live.reconnects], arrive, { debounce: SETTLE_MS, maxWait: 4 * SETTLE_MS })
  watch(filters.key, forget)
  // The stream has no pending alerts.
  usePolling(() => {
    void pending.reload()
    if (isPending.value && !isRead()) void pages.reload()
  }, PENDING_MS)

  return {
    shown,
    pendingCount: computed(() => pending.data.value?.items.length),
    // Pending alerts are not paged: a full answer may be cut.
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

function tabOf({ state }: Row): Tab {
  if (state === 'pending') return state
  return state === 'firing' || state === 'acknowledged' ? 'firing' : 'past'
}
