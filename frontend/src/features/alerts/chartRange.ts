import { toSeconds } from '@/api/times'
import type { Alert, Policy } from '@/api/types'

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
