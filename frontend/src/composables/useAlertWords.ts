import { useI18n } from 'vue-i18n'
import { toDate, toSeconds } from '@/api/times'
import type { Alert } from '@/api/types'
import { useFormat } from '@/composables/format'
import { useNow } from '@/composables/useNow'
import { useFleet } from '@/stores/fleet'
import { newestValue, shownLevel, wasWorse } from './alertValues'
import { isYesOrNo, unitOf } from './metrics'
import { hostOf } from './subjects'

const WEEK_MS = 6 * 86_400_000

/** Describes an alert in words. */
export function useAlertWords() {
  const { t } = useI18n()
  const format = useFormat()
  const fleet = useFleet()
  const now = useNow()

  function newest(alert: Alert): number | null {
    const host = hostOf(alert)
    return newestValue(alert, host === null ? undefined : fleet.liveOf(host), now.value)
  }

  /** The current value of a firing alert, the last value of an ended one. */
  function present(alert: Alert): string {
    return value({ metric: alert.metric, value: newest(alert) })
  }

  /** The worst level and value. Empty if they are the current ones. */
  function peak(alert: Alert): string {
    const written = format.value(alert.metric, alert.peak_value)
    if (isYesOrNo(alert.metric)) return ''
    if (!wasWorse(alert, newest(alert), (value) => format.value(alert.metric, value))) return ''
    if (alert.peak_level === null || alert.peak_level === shownLevel(alert)) return t('alerts.peak', { value: written })
    return t('alerts.peakLevel', { level: t(`common.level.${alert.peak_level}`), value: written })
  }

  /** The value with its unit. For an offline server it is the time since the last report. */
  function value(alert: Pick<Alert, 'metric' | 'value'>): string {
    if (alert.metric === 'offline')
      return alert.value === null ? '' : t('alerts.noReport', { span: format.duration(alert.value) })
    if (alert.value !== null && alert.metric.endsWith('cert_days')) return ending(alert.value)
    return format.value(alert.metric, alert.value)
  }

  function ending(days: number): string {
    const n = Math.round(Math.abs(days) * 10) / 10
    return days > 0 ? t('alerts.certificateEnds', { n }, n) : t('alerts.certificateEnded', { n }, n)
  }

  /** "full Friday 14:00", in the reader's time zone; with the date where the weekday would not say which. */
  function expected(alert: Pick<Alert, 'metric' | 'threshold' | 'expected_at'>): string {
    if (alert.expected_at === null) return ''
    const at = toDate(alert.expected_at)
    const ahead = at.getTime() - now.value
    const { weekdayOf, clock, dateTime } = format.times.value
    const time = ahead >= 0 && ahead < WEEK_MS ? `${weekdayOf(at)} ${clock(at)}` : dateTime(at)
    const isFull = unitOf(alert.metric) === 'percent' && alert.threshold === 100
    return t(isFull ? 'alerts.full' : 'alerts.reaches', { time, value: format.value(alert.metric, alert.threshold) })
  }

  function threshold(alert: Pick<Alert, 'metric' | 'threshold' | 'expected_at'>): string {
    if (alert.expected_at !== null) return expected(alert)
    return alert.threshold === null || isYesOrNo(alert.metric)
      ? ''
      : t('alerts.threshold', { value: format.value(alert.metric, alert.threshold) })
  }

  /** The duration of an alert. */
  function lasted(alert: Pick<Alert, 'started_at' | 'resolved_at'>, now: number): string {
    const end = alert.resolved_at === null ? now / 1_000 : toSeconds(alert.resolved_at)
    const seconds = Math.max(0, end - toSeconds(alert.started_at))
    // `now` changes every ten seconds: seconds would look more exact than they are.
    return format.duration(alert.resolved_at === null && seconds >= 60 ? Math.floor(seconds / 60) * 60 : seconds)
  }

  return { value, present, peak, threshold, expected, lasted }
}
