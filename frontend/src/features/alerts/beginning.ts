import type { Alert } from '@/api/types'
import { isYesOrNo } from '@/composables/metrics'

/** How an alert began, as a key of `alerts.event`. */
export function beginningOf({
  metric,
  kind,
}: Pick<Alert, 'metric' | 'kind'>): 'lastReport' | 'turnedBad' | 'foreseen' | 'leftRange' | 'began' {
  if (metric === 'offline') return 'lastReport'
  if (isYesOrNo(metric)) return 'turnedBad'
  return kind === 'forecast' ? 'foreseen' : kind === 'range' ? 'leftRange' : 'began'
}
