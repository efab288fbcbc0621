import type { Incident } from '@/api/incidents'
import type { Alert } from '@/api/types'
import { keyOf } from './subjects'

/** A row of the list of alerts: one alert, or all of an incident. */
export type Row = Alert | Incident

export function isIncident(row: Row): row is Incident {
  return 'alert_ids' in row
}

/** The only alert of a row. */
export function alertOf(row: Row): Alert | undefined {
  return isIncident(row) ? (row.alert ?? undefined) : row
}

export function keyOfRow(row: Row): number | string {
  return isIncident(row) ? `incident ${row.id}` : keyOf(row)
}

/** The number of alerts that an acknowledgement of the row is for. */
export function countOf(row: Row): number {
  return isIncident(row) ? Math.max(1, row.alerts_firing) : 1
}

export function isOver({ state }: Row): boolean {
  return state === 'resolved' || state === 'cancelled' || state === 'ended'
}
