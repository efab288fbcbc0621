import { COLUMN_METRICS } from '@/api/metrics'
import { toSeconds } from '@/api/times'
import type { Alert, Level, LiveSample } from '@/api/types'

type Valued = Pick<Alert, 'metric' | 'state' | 'value' | 'started_at'>
type Peaked = Pick<Alert, 'metric' | 'level' | 'peak_level' | 'peak_value'>

/** The newest value of a firing alert from the stream or the clock, as lists are not fetched for each sample. */
export function newestValue(
  alert: Valued,
  sample: Pick<LiveSample, 'cpu_value' | 'memory_value' | 'disk_value'> | undefined,
  nowMs: number,
): number | null {
  if (alert.state !== 'firing') return alert.value
  if (alert.metric === 'offline')
    return Math.max(alert.value ?? 0, Math.floor(nowMs / 60_000 - toSeconds(alert.started_at) / 60) * 60)
  const streamed = COLUMN_METRICS.find((metric) => metric === alert.metric)
  return (streamed && sample?.[`${streamed}_value`]) ?? alert.value
}

/** The current level of a firing alert, the highest level of an ended one. */
export function shownLevel(alert: Pick<Alert, 'state' | 'level' | 'peak_level'>): Level {
  return alert.state === 'firing' ? alert.level : (alert.peak_level ?? alert.level)
}

/** True if the alert was worse than the shown *value*. *write* formats values. */
export function wasWorse(alert: Peaked, value: number | null, write: (value: number | null) => string): boolean {
  if (alert.peak_value === null || alert.metric === 'offline') return false
  return alert.peak_level !== alert.level || write(alert.peak_value) !== write(value)
}
