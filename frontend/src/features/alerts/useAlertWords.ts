import { useI18n } from 'vue-i18n'
import { toSeconds } from '@/api/times'
import type { Alert } from '@/api/types'
import { useFormat } from '@/composables/format'

/** The parts of an alert in words. */
export function useAlertWords() {
  const { t } = useI18n()
  const format = useFormat()

  /** Of a silent host, the value is for how long it had been silent. */
  function value(alert: Pick<Alert, 'metric' | 'value'>): string {
    if (alert.metric === 'offline') return alert.value === null ? '' : t('alerts.silentFor', { span: format.duration(alert.value) })
    return format.value(alert.metric, alert.value)
  }

  function threshold(alert: Pick<Alert, 'metric' | 'threshold'>): string {
    return alert.threshold === null ? '' : t('alerts.threshold', { value: format.value(alert.metric, alert.threshold) })
  }

  /** How long it has lasted, or lasted. */
  function lasted(alert: Pick<Alert, 'started_at' | 'resolved_at'>, now: number): string {
    const end = alert.resolved_at === null ? now / 1_000 : toSeconds(alert.resolved_at)
    const seconds = Math.max(0, end - toSeconds(alert.started_at))
    // `now` moves by ten seconds: a count of single ones would only seem exact.
    return format.duration(alert.resolved_at === null && seconds >= 60 ? Math.floor(seconds / 60) * 60 : seconds)
  }

  return { value, threshold, lasted }
}
