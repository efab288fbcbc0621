import { toDate, toWritten } from '@/api/times'
import type { NewSilence, Scope, Silence } from '@/api/types'
import { EVERYTHING } from '@/composables/subjects'
import { ownZone } from '@/composables/zones'

export const PRESETS = [3_600, 7_200, 14_400, 28_800, 86_400, 604_800]
const QUARTER_MS = 90 * 86_400_000

export type Mode = 'now' | 'span' | 'repeat'

export interface SilenceValues {
  scope: Scope
  metric: string
  mode: Mode
  /** Seconds from now on, in mode "now". */
  lasts: number
  from: Date
  to: Date
  weekdays: number[]
  starts: string
  duration: number
  zone: string
  reason: string
}

/** Initial values: two hours from now. */
export function initialValues(scope: Scope, metric: string | null, now: Date): SilenceValues {
  const hour = new Date(Math.ceil(now.getTime() / 3_600_000) * 3_600_000)
  return {
    scope,
    metric: metric ?? '',
    mode: 'now',
    lasts: 7_200,
    from: hour,
    to: new Date(hour.getTime() + 7_200_000),
    weekdays: [5, 6],
    starts: '02:00',
    duration: 7_200,
    zone: ownZone(),
    reason: '',
  }
}

/** A copy with the same duration from the next full hour. A recurring one is unchanged. */
export function valuesOf(silence: Silence, now: Date): SilenceValues {
  const scope = { ...EVERYTHING, ...silence.scope }
  const start = initialValues(scope, silence.metric, now)
  const lasts = (toDate(silence.ends_at).getTime() - toDate(silence.starts_at).getTime()) / 1_000
  const values = { ...start, reason: silence.reason, lasts, to: new Date(start.from.getTime() + lasts * 1_000) }
  if (silence.recurrence === null) return { ...values, mode: PRESETS.includes(lasts) ? 'now' : 'span' }
  const { weekdays, starts, duration, zone } = silence.recurrence
  return { ...values, mode: 'repeat', weekdays: [...weekdays], starts, duration, zone }
}

/** The initial period of a mode. A recurring silence usually lasts long. */
export function spanFor(mode: Mode, now: Date): Pick<SilenceValues, 'from' | 'to'> {
  const { from, to } = initialValues(EVERYTHING, null, now)
  return mode === 'repeat' ? { from: now, to: new Date(now.getTime() + QUARTER_MS) } : { from, to }
}

/** The request's body. "From now" has no start: the server's clock sets it. */
export function toNewSilence(values: SilenceValues, now: Date): NewSilence {
  const isNow = values.mode === 'now'
  return {
    scope: values.scope,
    metric: values.metric === '' ? null : values.metric,
    starts_at: isNow ? null : toWritten(values.from),
    ends_at: toWritten(isNow ? new Date(now.getTime() + values.lasts * 1_000) : values.to),
    reason: values.reason,
    recurrence:
      values.mode === 'repeat'
        ? { weekdays: [...values.weekdays].sort(), starts: values.starts, duration: values.duration, zone: values.zone }
        : null,
  }
}
