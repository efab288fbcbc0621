import { toWritten } from '@/api/times'
import type { AlertDetail } from '@/api/types'

/** The moment to explain, as the API writes it: that of a point of the chart, or else when the alert fired. */
export function momentOf(alert: Pick<AlertDetail, 'fired_at' | 'started_at'>, picked: number | null): string {
  return picked === null ? (alert.fired_at ?? alert.started_at) : toWritten(new Date(Math.floor(picked) * 1_000))
}
