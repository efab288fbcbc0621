import { toSeconds } from '@/api/times'
import type { Alert, Silence } from '@/api/types'
import type { Mark } from './types'
import { nextAction } from '@/components/silence/schedule'

/** More windows than this would only be a grey bar. */
const MOST_WINDOWS = 120

/** Marks of alerts that fired, in the chart of their metric. Offline alerts are in every chart. */
export function alertMarks(alerts: Alert[], metrics: string[], labelOf: (alert: Alert) => string): Mark[] {
  return alerts
    .filter((alert) => alert.metric === 'offline' || metrics.includes(alert.metric))
    .flatMap((alert) => {
      if (alert.fired_at === null) return []
      const to = alert.resolved_at === null ? null : toSeconds(alert.resolved_at)
      return {
        kind: 'alert',
        level: alert.level,
        from: toSeconds(alert.fired_at),
        to,
        label: labelOf(alert),
      } satisfies Mark
    })
}

/** When a silence is active between *start* and *end*: each window of a recurring one. */
export function silenceMarks(silence: Silence, start: number, end: number, label: string): Mark[] {
  const marks: Mark[] = []
  let at = Math.max(start, toSeconds(silence.starts_at))
  while (at < end && marks.length < MOST_WINDOWS) {
    const { span } = nextAction(silence, new Date(at * 1000))
    if (span === null || span.begin.getTime() / 1000 >= end) break
    marks.push({ kind: 'silence', from: span.begin.getTime() / 1000, to: span.end.getTime() / 1000, label })
    at = span.end.getTime() / 1000
  }
  return marks
}
