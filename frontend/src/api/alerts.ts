import type { Asked } from './calls'
import { get, getPage, post, put } from './http'
import type { Verdict } from './types'

export const listAlerts = (asked?: Asked<'get', '/api/alerts'>) => getPage('/api/alerts', asked)
export const getAlert = (alert_id: number, asked?: Asked<'get', '/api/alerts/{alert_id}'>) =>
  get('/api/alerts/{alert_id}', { path: { alert_id }, ...asked })
export const acknowledge = (alert_id: number, note: string | null) =>
  post('/api/alerts/{alert_id}/ack', { path: { alert_id }, body: { note } })
/** The answer lists alerts that had already ended. They are not an error. */
export const acknowledgeAll = (alert_ids: number[], note: string | null) =>
  post('/api/alerts/ack', { body: { alert_ids, note } })
/** Null takes the verdict back. */
export const judge = (alert_id: number, verdict: Verdict | null) =>
  put('/api/alerts/{alert_id}/verdict', { path: { alert_id }, body: { verdict } })
/** Why each person was notified at a moment, or was not. */
export const explain = (asked: Asked<'get', '/api/alerts/explain'>) => get('/api/alerts/explain', asked)
export const listNoise = (asked?: Asked<'get', '/api/alerts/noise'>) => getPage('/api/alerts/noise', asked)
export const getCoverage = (asked?: Asked<'get', '/api/alerts/coverage'>) => get('/api/alerts/coverage', asked)
