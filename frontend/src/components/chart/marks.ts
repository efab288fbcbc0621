import { toSeconds } from '@/api/times'
import type { Alert, Silence } from '@/api/types'
import type { Mark } from './types'

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

/** When a silence is active, in the windows for which the server was asked. */
export function silenceMarks({ windows }: Silence, label: string): Mark[] {
  return windows.map(({ start, end }) => ({ kind: 'silence', from: toSeconds(start), to: toSeconds(end), label }))
}
