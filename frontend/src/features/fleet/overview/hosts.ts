import { COLUMN_METRICS } from '@/api/metrics'
import type { Alert, Level, LiveSample, Server, ShownStatus } from '@/api/types'
import type { ColumnMetric } from '@/composables/metrics'

/** One server of the overview. */
export interface Host {
  server: Server
  live: LiveSample | undefined
  status: ShownStatus
  worst: Level | null
}

export const SORTS = ['trouble', 'name', ...COLUMN_METRICS] as const
export type Sort = (typeof SORTS)[number]

export function isSort(text: string): text is Sort {
  return (SORTS as readonly string[]).includes(text)
}

export function worstLevel(alerts: Alert[] | undefined): Level | null {
  if (alerts === undefined || alerts.length === 0) return null
  return alerts.some((alert) => alert.level === 'critical') ? 'critical' : 'warning'
}

function trouble(host: Host): number {
  if (host.worst === 'critical') return 0
  if (host.status === 'offline') return 1
  return host.worst === 'warning' ? 2 : 3
}

const named = new Intl.Collator(undefined, { numeric: true })
const byName = (one: Host, other: Host) => named.compare(one.server.server_name, other.server.server_name)
const value = (host: Host, sort: ColumnMetric) =>
  host.status === 'online' ? (host.live?.[`${sort}_value`] ?? -1) : -1

/** A sorted copy. By a metric: the fullest first, servers without a value last. */
export function sorted(hosts: Host[], sort: Sort): Host[] {
  if (sort === 'name') return [...hosts].sort(byName)
  if (sort === 'trouble') return [...hosts].sort((one, other) => trouble(one) - trouble(other) || byName(one, other))
  return [...hosts].sort((one, other) => value(other, sort) - value(one, sort) || byName(one, other))
}
