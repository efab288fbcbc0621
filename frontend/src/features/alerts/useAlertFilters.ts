import { useStorage } from '@vueuse/core'
import { computed } from 'vue'
import type { listIncidents } from '@/api/incidents'
import { useRouteQuery } from '@/composables/useRouteQuery'

export type Tab = 'firing' | 'pending' | 'past'
export const TABS: Tab[] = ['firing', 'pending', 'past']
/** A row for each incident, or for each alert. */
export const VIEWS = ['incidents', 'single'] as const
export type View = (typeof VIEWS)[number]
type IncidentQuery = NonNullable<NonNullable<Parameters<typeof listIncidents>[0]>['query']>
/** Seconds back from now that the time filter offers. */
export const SPANS = [86_400, 604_800, 2_592_000]

/** The filters of the list of alerts, in the page's address. */
export function useAlertFilters() {
  const tabName = useRouteQuery('tab', 'firing')
  const q = useRouteQuery('q')
  const level = useRouteQuery('level')
  const server = useRouteQuery('server_id')
  const tag = useRouteQuery('tag')
  const metric = useRouteQuery('metric')
  const acknowledged = useRouteQuery('acknowledged')
  const within = useRouteQuery('within')
  const from = useRouteQuery('from')
  const to = useRouteQuery('to')
  const viewName = useRouteQuery('view')
  const preferred = useStorage<string>('alerts.view', 'incidents', undefined, { writeDefaults: false })

  const tab = computed<Tab>({
    get: () => TABS.find((name) => name === tabName.value) ?? 'firing',
    set: (chosen) => (tabName.value = chosen),
  })
  const view = computed<View>({
    // Only single alerts have a metric.
    get: () => (metric.value !== '' || (viewName.value || preferred.value) === 'single' ? 'single' : 'incidents'),
    set(chosen) {
      viewName.value = preferred.value = chosen
      if (chosen === 'incidents') metric.value = ''
    },
  })
  /** What is pending belongs to no incident yet. */
  const isGrouped = computed(() => view.value === 'incidents' && tab.value !== 'pending')
  const serverId = computed({
    get: () => Number(server.value) || null,
    set: (chosen) => (server.value = chosen === null ? '' : String(chosen)),
  })
  const all = [q, level, server, tag, metric, acknowledged, within, from, to]
  const count = computed(() => all.filter((each) => each.value !== '').length)
  /** Changes with every filter, to fetch again. */
  const key = computed(() => [tab.value, isGrouped.value, ...all.map((each) => each.value)].join('|'))

  function clear(): void {
    for (const each of all) each.value = ''
  }

  /** The query of /api/alerts. Pending alerts have no acknowledgement and no past. */
  function query(now: number): Record<string, string | number | undefined> {
    const asked = {
      q: q.value,
      level: level.value,
      server_id: serverId.value ?? undefined,
      tag: tag.value,
      metric: metric.value,
    }
    if (tab.value === 'pending') return { ...asked, state: 'pending' }
    return {
      ...asked,
      state: tab.value === 'firing' ? 'firing' : undefined,
      acknowledged: acknowledged.value,
      ...period(now),
    }
  }

  function period(now: number): { start?: string; end?: string } {
    const back = Number(within.value)
    return back > 0 ? { start: new Date(now - back * 1_000).toISOString() } : { start: from.value, end: to.value }
  }

  /** The query of /api/incidents. */
  function incidentQuery(now: number): IncidentQuery {
    const open = { true: 'acknowledged', false: 'firing' }[acknowledged.value] ?? 'open'
    return {
      q: q.value,
      level: level.value as IncidentQuery['level'],
      server_id: serverId.value ?? undefined,
      tag: tag.value,
      state: (tab.value === 'past' ? 'ended' : open) as IncidentQuery['state'],
      ...period(now),
    }
  }

  const fields = { q, level, serverId, tag, metric, acknowledged, within, from, to }
  return { ...fields, tab, view, isGrouped, count, key, clear, query, incidentQuery }
}
