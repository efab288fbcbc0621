import { computed } from 'vue'
import type { Alert } from '@/api/types'
import { useRouteQuery } from '@/composables/useRouteQuery'

export type Tab = 'firing' | 'pending' | 'past'
export const TABS: Tab[] = ['firing', 'pending', 'past']
/** Seconds back from now that the time filter offers. */
export const SPANS = [86_400, 604_800, 2_592_000]

/** What the page's address says of which alerts to show; whoever calls this shares it. */
export function useAlertFilters() {
  const tabName = useRouteQuery('tab', 'firing')
  const level = useRouteQuery('level')
  const server = useRouteQuery('server_id')
  const metric = useRouteQuery('metric')
  const acknowledged = useRouteQuery('acknowledged')
  const within = useRouteQuery('within')
  const from = useRouteQuery('from')
  const to = useRouteQuery('to')

  const tab = computed<Tab>({
    get: () => TABS.find((name) => name === tabName.value) ?? 'firing',
    set: (chosen) => (tabName.value = chosen),
  })
  const serverId = computed({
    get: () => Number(server.value) || null,
    set: (chosen) => (server.value = chosen === null ? '' : String(chosen)),
  })
  const all = [level, server, metric, acknowledged, within, from, to]
  const isFiltered = computed(() => all.some((each) => each.value !== ''))
  /** Changes with every filter, for whoever asks again then. */
  const key = computed(() => [tab.value, ...all.map((each) => each.value)].join('|'))

  function clear(): void {
    for (const each of all) each.value = ''
  }

  /** As /api/alerts takes them. */
  function query(now: number): Record<string, string | number | undefined> {
    const back = Number(within.value)
    return {
      level: level.value,
      server_id: serverId.value ?? undefined,
      metric: metric.value,
      acknowledged: acknowledged.value,
      start: back > 0 ? new Date(now - back * 1_000).toISOString() : from.value,
      end: back > 0 ? undefined : to.value,
    }
  }

  /** Those that are only pending come all at once. */
  function matches(alert: Alert): boolean {
    return (
      (level.value === '' || alert.level === level.value) &&
      (serverId.value === null || alert.server_id === serverId.value) &&
      (metric.value === '' || alert.metric === metric.value)
    )
  }

  return { tab, level, serverId, metric, acknowledged, within, from, to, isFiltered, key, clear, query, matches }
}
