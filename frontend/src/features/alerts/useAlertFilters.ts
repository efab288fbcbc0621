import { computed } from 'vue'
import type { Alert } from '@/api/types'
import { useRouteQuery } from '@/composables/useRouteQuery'
import type { Wanted } from './matching'
import { matches } from './matching'

export type Tab = 'firing' | 'pending' | 'past'
export const TABS: Tab[] = ['firing', 'pending', 'past']
/** Seconds back from now that the time filter offers. */
export const SPANS = [86_400, 604_800, 2_592_000]

/** What the page's address says of which alerts to show; whoever calls this shares it. */
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

  const tab = computed<Tab>({
    get: () => TABS.find((name) => name === tabName.value) ?? 'firing',
    set: (chosen) => (tabName.value = chosen),
  })
  const serverId = computed({
    get: () => Number(server.value) || null,
    set: (chosen) => (server.value = chosen === null ? '' : String(chosen)),
  })
  const all = [q, level, server, tag, metric, acknowledged, within, from, to]
  const count = computed(() => all.filter((each) => each.value !== '').length)
  /** Changes with every filter, for whoever asks again then. */
  const key = computed(() => [tab.value, ...all.map((each) => each.value)].join('|'))
  const wanted = computed<Wanted>(() => ({ q: q.value, level: level.value, serverId: serverId.value, tag: tag.value, metric: metric.value }))

  function clear(): void {
    for (const each of all) each.value = ''
  }

  /** As /api/alerts takes them. */
  function query(now: number): Record<string, string | number | undefined> {
    const back = Number(within.value)
    return {
      q: q.value,
      level: level.value,
      server_id: serverId.value ?? undefined,
      tag: tag.value,
      metric: metric.value,
      acknowledged: acknowledged.value,
      start: back > 0 ? new Date(now - back * 1_000).toISOString() : from.value,
      end: back > 0 ? undefined : to.value,
    }
  }

  return {
    tab, q, level, serverId, tag, metric, acknowledged, within, from, to, count, key, clear, query,
    matches: (alert: Alert, tagsOf: (serverId: number) => string[]) => matches(alert, wanted.value, tagsOf(alert.server_id)),
  }
}
