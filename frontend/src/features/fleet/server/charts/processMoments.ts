import type { Alert, AlertDetail } from '@/api/types'

/** An alert that kept the processes of the moment when it fired. */
export type Moment = Alert & { fired_at: string; processes: AlertDetail['processes'] }

/** The moments with processes, in order of time. Alerts that fired together saw the same: the first stands for all. */
export function momentsOf(alerts: Alert[]): Moment[] {
  const kept = alerts.filter((each): each is Moment => each.fired_at !== null && (each.processes ?? []).length > 0)
  const byTime = new Map(kept.map((each) => [each.fired_at, each]))
  return [...byTime.values()].sort((one, other) => one.fired_at.localeCompare(other.fired_at))
}

/** The place of the time in *times* (in order) that is nearest to *at*. Undefined without any. */
export function nearest(times: number[], at: number): number | undefined {
  const distances = times.map((time) => Math.abs(time - at))
  return distances.length === 0 ? undefined : distances.indexOf(Math.min(...distances))
}
