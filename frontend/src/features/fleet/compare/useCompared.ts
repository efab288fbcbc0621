import { computed } from 'vue'
import { serverNow } from '@/api/clock'
import { COLUMN_METRICS } from '@/api/metrics'
import { getSeries, listServers } from '@/api/servers'
import { windowOf } from '@/components/chart/range/range'
import { useRange } from '@/components/chart/range/useRange'
import { usePolling } from '@/composables/usePolling'
import { useQuery } from '@/composables/useQuery'
import { useRouteList } from '@/composables/useRouteQuery'
import { useFleet } from '@/stores/fleet'
import { joined } from './joined'
import { MOST } from './limits'

export const MOST_METRICS = 12
/** So few that an hour has buckets already, which begin at the same times for all. */
const POINTS = 220
const REFRESH_MS = 60_000
const METRIC_NAME = /^[a-z0-9_.:/-]{1,64}$/

/** Servers, metrics and range of the address, and their series. `unseen`: servers that the user does not see. */
export function useCompared() {
  const fleet = useFleet()
  const time = useRange()
  const servers = useRouteList('servers')
  const named = useRouteList('metrics')
  const ids = computed({
    get: () => [...new Set(servers.value.map(Number))].filter((id) => id > 0 && Number.isSafeInteger(id)),
    set: (wanted) => (servers.value = wanted.map(String)),
  })
  const metrics = computed({
    get: () => {
      const wanted = [...new Set(named.value)].filter((name) => METRIC_NAME.test(name)).slice(0, MOST_METRICS)
      return wanted.length > 0 ? wanted : [...COLUMN_METRICS]
    },
    set: (wanted) => (named.value = wanted),
  })

  const query = useQuery(
    async (signal) => {
      const wanted = ids.value.slice(0, MOST)
      const asked = metrics.value
      const rows = wanted.length > 0 ? await listServers({ query: { ids: wanted.join() }, signal }) : []
      fleet.hold(rows)
      const seen = wanted.filter((id) => rows.some((row) => row.id === id))
      const { start, end } = windowOf(time.range.value, serverNow() / 1000)
      const found = await Promise.all(
        seen.map(async (id) => ({
          key: String(id),
          series: await getSeries(id, { metrics: asked, start, end, points: POINTS }, signal),
        })),
      )
      return {
        keys: seen.map(String),
        unseen: wanted.filter((id) => !seen.includes(id)),
        charts: asked.map((metric) => ({ metric, series: joined(found, metric, end - start) })),
      }
    },
    [() => ids.value.join(), () => metrics.value.join(), time.range],
  )
  usePolling(() => time.range.value.kind === 'last' && query.reload(), REFRESH_MS)

  return { ids, metrics, time, query }
}
