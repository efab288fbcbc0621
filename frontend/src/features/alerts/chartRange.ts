import { toSeconds } from '@/api/times'
import type { Alert, Policy } from '@/api/types'

const LEAST_MARGIN = 600
const MOST_MARGIN = 6 * 3_600

/**
 * Epoch seconds around an alert: what led to it (at least as long as it had to last before it fired), all of it, and
 * what came after, as far as there is any yet.
 */
export function chartRange(alert: Pick<Alert, 'started_at' | 'resolved_at'>, policy: Pick<Policy, 'sustained_for'> | undefined, now: number): { start: number; end: number } {
  const began = toSeconds(alert.started_at)
  const ended = alert.resolved_at === null ? now / 1_000 : toSeconds(alert.resolved_at)
  const margin = Math.min(MOST_MARGIN, Math.max(LEAST_MARGIN, (ended - began) / 4))
  return { start: began - Math.max(margin, policy?.sustained_for ?? 0), end: Math.min(ended + margin, now / 1_000) }
}
