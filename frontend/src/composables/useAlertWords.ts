import { useI18n } from 'vue-i18n'
import { toSeconds } from '@/api/times'
import type { Alert } from '@/api/types'
import { useFormat } from '@/composables/format'
import { useNow } from '@/composables/useNow'
import { useFleet } from '@/stores/fleet'
import { newestValue, shownLevel, wasWorse } from './alertValues'

/** The parts of an alert in words. */
export function useAlertWords() {
  const { t } = useI18n()
  const format = useFormat()
  const fleet = useFleet()
  const now = useNow()
  const newest = (alert: Alert) => newestValue(alert, fleet.liveOf(alert.server_id), now.value)

  /** As it stands: of one that fires, the newest value. */
  function present(alert: Alert): string {
    return value({ metric: alert.metric, value: newest(alert) })
  }

  /** How bad it has been; nothing where that is what it is now. */
  function peak(alert: Alert): string {
    const written = format.value(alert.metric, alert.peak_value)
    if (!wasWorse(alert, newest(alert), (value) => format.value(alert.metric, value))) return ''
    if (alert.peak_level === null || alert.peak_level === shownLevel(alert)) return t('alerts.peak', { value: written })
    return t('alerts.peakLevel', { level: t(`common.level.${alert.peak_level}`), value: written })
  }

  /** Of a silent host, the value is for how long it had been silent. */
  function value(alert: Pick<Alert, 'metric' | 'value'>): string {
    if (alert.metric === 'offline') return alert.value === null ? '' : t('alerts.noReport', { span: format.duration(alert.value) })
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

  return { value, present, peak, threshold, lasted }
}
