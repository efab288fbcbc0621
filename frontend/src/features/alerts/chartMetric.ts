import type { AlertDetail } from '@/api/types'

/** The metric whose samples are drawn. Null: neither check-ins nor wrong clocks have any. */
export function chartMetricOf({
  metric,
  check_id,
  check_in_id,
}: Pick<AlertDetail, 'metric' | 'check_id' | 'check_in_id'>): string | null {
  if (check_in_id !== null || metric === 'clock_error') return null
  if (check_id !== null) return metric === 'up' ? 'check_up' : metric
  // An offline server has no samples: its CPU chart shows the gap.
  return metric === 'offline' ? 'cpu' : metric
}
