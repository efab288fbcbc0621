import type { Asked } from './calls'
import { get, getPage, post } from './http'

export const listAlerts = (asked?: Asked<'get', '/api/alerts'>) => getPage('/api/alerts', asked)
export const getAlert = (alert_id: number, asked?: Asked<'get', '/api/alerts/{alert_id}'>) =>
  get('/api/alerts/{alert_id}', { path: { alert_id }, ...asked })
export const acknowledge = (alert_id: number, note: string | null) =>
  post('/api/alerts/{alert_id}/ack', { path: { alert_id }, body: { note } })
/** The answer lists alerts that had already ended. They are not an error. */
export const acknowledgeAll = (alert_ids: number[], note: string | null) =>
  post('/api/alerts/ack', { body: { alert_ids, note } })
export const getCoverage = (asked?: Asked<'get', '/api/alerts/coverage'>) => get('/api/alerts/coverage', asked)
