import type { FillingDisk } from '@/api/servers'
import type { Alert } from '@/api/types'
import { subjectOf } from '@/composables/subjects'

/** What fires about one thing. *worst* leads. *forecast*: the alert that says when the disk is full. */
export interface AttentionRow {
  key: string
  worst: Alert
  alerts: Alert[]
  forecast?: Alert
  filling?: FillingDisk
}

/** `disk` is the file system at `/`, which `disk:/` is too. */
const ROOT = 'disk:/'

/** The thing that *metric* measures: two names of the same disk give the same. */
export function thingOf(metric: string): string {
  return metric === 'disk' ? ROOT : metric
}

/** One row for each thing, in the order of *alerts* (the worst first), and the disks that none of them is about. */
export function attentionRows(alerts: Alert[], filling: FillingDisk[]): { rows: AttentionRow[]; disks: FillingDisk[] } {
  const rows = new Map<string, AttentionRow>()
  for (const alert of alerts) {
    const key = `${subjectOf(alert).id} ${thingOf(alert.metric)}`
    const row = rows.get(key) ?? { key, worst: alert, alerts: [] }
    row.alerts.push(alert)
    if (alert.expected_at) row.forecast ??= alert
    rows.set(key, row)
  }
  const disks: FillingDisk[] = []
  for (const disk of filling) {
    const row = rows.get(`${disk.server_id} ${thingOf(disk.metric)}`)
    if (row === undefined) disks.push(disk)
    else row.filling ??= disk
  }
  return { rows: [...rows.values()], disks }
}
