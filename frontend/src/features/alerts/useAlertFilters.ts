import { computed } from 'vue'
import { useRouteQuery } from '@/composables/useRouteQuery'

export type Tab = 'firing' | 'pending' | 'past'
export const TABS: Tab[] = ['firing', 'pending', 'past']
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
  /** Changes with every filter, to fetch again. */
  const key = computed(() => [tab.value, ...all.map((each) => each.value)].join('|'))

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
    const back = Number(within.value)
    return {
      ...asked,
      state: tab.value === 'firing' ? 'firing' : undefined,
      acknowledged: acknowledged.value,
      start: back > 0 ? new Date(now - back * 1_000).toISOString() : from.value,
      end: back > 0 ? undefined : to.value,
    }
  }

  return { tab, q, level, serverId, tag, metric, acknowledged, within, from, to, count, key, clear, query }
}
