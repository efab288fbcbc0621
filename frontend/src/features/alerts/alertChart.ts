import { toSeconds, toWritten } from '@/api/times'
import type { Alert, AlertDetail, Policy } from '@/api/types'
import { isYesOrNo } from '@/composables/metrics'

/** The text that says how an alert began. */
export function beginningOf({ metric, kind }: Pick<Alert, 'metric' | 'kind'>): string {
  if (metric === 'offline') return 'alerts.event.lastReport'
  return isYesOrNo(metric) ? 'alerts.event.turnedBad' : `kinds.${kind}.began`
}

/** The metric whose samples are drawn. Null: check-ins, wrong clocks and drills have none. */
export function chartMetricOf({
  metric,
  check_id,
  check_in_id,
}: Pick<AlertDetail, 'metric' | 'check_id' | 'check_in_id'>): string | null {
  if (check_in_id !== null || ['clock_error', 'drill'].includes(metric)) return null
  if (check_id !== null) return metric === 'up' ? 'check_up' : metric
  // An offline server has no samples: its CPU chart shows the gap.
  return metric === 'offline' ? 'cpu' : metric
}

const LEAST_MARGIN = 600
const MOST_MARGIN = 6 * 3_600

/**
 * The range around an alert in epoch seconds: some time before it (at least its sustained time), the alert, and some
 * time after it.
 */
export function chartRange(
  alert: Pick<Alert, 'started_at' | 'resolved_at'>,
  policy: Pick<Policy, 'sustained_for' | 'over' | 'within'> | undefined,
  now: number,
): { start: number; end: number } {
  const began = toSeconds(alert.started_at)
  const ended = alert.resolved_at === null ? now / 1_000 : toSeconds(alert.resolved_at)
  const margin = Math.min(MOST_MARGIN, Math.max(LEAST_MARGIN, (ended - began) / 4))
  const start = began - Math.max(margin, policy?.sustained_for ?? 0, policy?.over ?? 0)
  // The line of a forecast goes on beyond now: as far again as the chart goes back, where it reaches as far.
  const ahead = alert.resolved_at === null ? Math.min(policy?.within ?? 0, now / 1_000 - start) : 0
  return { start, end: Math.min(ended + margin, now / 1_000) + ahead }
}

/** The moment to explain, as the API writes it: that of a point of the chart, or else when the alert fired. */
export function momentOf(alert: Pick<AlertDetail, 'fired_at' | 'started_at'>, picked: number | null): string {
  return picked === null ? (alert.fired_at ?? alert.started_at) : toWritten(new Date(Math.floor(picked) * 1_000))
}
