import type { Asked } from './calls'
import { get, getPage, post, put, remove } from './http'
import type { SeriesRange } from './servers'
import type { Schemas, Series } from './types'

type Column = Series['columns'][string]

/** What the server asks of an address again and again. */
export type Check = Schemas['CheckOut']
export type CheckKind = Check['kind']
export type CheckState = Check['state']
export type NewCheck = Schemas['CheckBody']
/** What a check that is not stored would find. */
export type Trial = Schemas['TrialOut']
/** Percent of the runs of the last 24 hours and 7, 30 and 90 days that were up; null without runs. */
export type Spans = Schemas['SpansOut']
/** What alerts of one metric of a check or check-in. */
export type CheckPolicy = Schemas['CheckPolicyOut']
/** Percent of the runs that were up, one number for each day; null without runs. */
export type Uptime = Schemas['UptimeOut']
/** A job that reports that it ran. */
export type CheckIn = Schemas['CheckInOut']
export type CheckInState = CheckIn['state']
export type NewCheckIn = Schemas['CheckInIn']
export type Ping = Schemas['PingOut']

/** A run takes up to a minute, and may have to wait for others. */
const RUN_TIMEOUT_MS = 150_000

export const listChecks = (asked?: Asked<'get', '/api/checks'>) => getPage('/api/checks', asked)
export const getCheck = (check_id: number, asked?: Asked<'get', '/api/checks/{check_id}'>) =>
  get('/api/checks/{check_id}', { path: { check_id }, ...asked })
export const createCheck = (check: NewCheck) => post('/api/checks', { body: check })
export const changeCheck = (check_id: number, check: NewCheck) =>
  put('/api/checks/{check_id}', { path: { check_id }, body: check })
export const listCheckPolicies = (check_id: number, asked?: { signal?: AbortSignal }) =>
  get('/api/checks/{check_id}/policies', { path: { check_id }, ...asked })
export const deleteCheck = (check_id: number) => remove('/api/checks/{check_id}', { path: { check_id } })
/** Answered when the run has ended. */
export const runCheck = (check_id: number) =>
  post('/api/checks/{check_id}/run', { path: { check_id }, timeout: RUN_TIMEOUT_MS })
export const tryCheck = (check: NewCheck, check_id?: number) =>
  post('/api/checks/try', { body: check, query: { check_id }, timeout: RUN_TIMEOUT_MS })
export const pauseCheck = (check_id: number) => post('/api/checks/{check_id}/pause', { path: { check_id } })
export const resumeCheck = (check_id: number) => post('/api/checks/{check_id}/resume', { path: { check_id } })
/** Pauses or resumes many. */
export const changeMany = (body: Schemas['CheckBatch']) => post('/api/checks/batch', { body })
/** At most a hundred at a time. */
export const getSpans = (ids: number[], asked?: { signal?: AbortSignal }) =>
  get('/api/checks/uptime', { query: { ids: ids.join(',') }, ...asked })
/** Of the last 30 days. */
export const getUptime = (check_id: number, asked?: Asked<'get', '/api/checks/{check_id}/uptime'>) =>
  get('/api/checks/{check_id}/uptime', { path: { check_id }, ...asked })

/** With `check_up`, the share of the runs in percent, in place of `up`. */
export async function getCheckSeries(check_id: number, range: SeriesRange, signal?: AbortSignal): Promise<Series> {
  const { resolution, time, coverage, ...columns } = await get('/api/checks/{check_id}/series', {
    path: { check_id },
    query: {
      metrics: range.metrics.map((name) => (name === SHARE ? 'up' : name)).join(','),
      start: new Date(range.start * 1000).toISOString(),
      end: new Date(range.end * 1000).toISOString(),
      points: range.points,
    },
    signal,
  })
  const { up, ...others } = columns as Series['columns']
  return { resolution, time, coverage, columns: up === undefined ? others : { ...others, [SHARE]: inPercent(up) } }
}

const SHARE = 'check_up'
const inPercent = ({ avg, min, max }: Column): Column => ({
  avg: avg.map(hundredfold),
  min: min.map(hundredfold),
  max: max.map(hundredfold),
})
const hundredfold = (share: number | null) => (share === null ? null : share * 100)

export const listCheckIns = (asked?: Asked<'get', '/api/check-ins'>) => getPage('/api/check-ins', asked)
export const getCheckIn = (check_in_id: number, asked?: Asked<'get', '/api/check-ins/{check_in_id}'>) =>
  get('/api/check-ins/{check_in_id}', { path: { check_in_id }, ...asked })
export const createCheckIn = (checkIn: NewCheckIn) => post('/api/check-ins', { body: checkIn })
export const changeCheckIn = (check_in_id: number, checkIn: NewCheckIn) =>
  put('/api/check-ins/{check_in_id}', { path: { check_in_id }, body: checkIn })
export const deleteCheckIn = (check_in_id: number) => remove('/api/check-ins/{check_in_id}', { path: { check_in_id } })
export const listCheckInPolicies = (check_in_id: number, asked?: { signal?: AbortSignal }) =>
  get('/api/check-ins/{check_in_id}/policies', { path: { check_in_id }, ...asked })
export const pauseCheckIn = (check_in_id: number) =>
  post('/api/check-ins/{check_in_id}/pause', { path: { check_in_id } })
export const resumeCheckIn = (check_in_id: number) =>
  post('/api/check-ins/{check_in_id}/resume', { path: { check_in_id } })
/** The newest first. */
export const listPings = (check_in_id: number, asked?: Asked<'get', '/api/check-ins/{check_in_id}/pings'>) =>
  getPage('/api/check-ins/{check_in_id}/pings', { path: { check_in_id }, ...asked })
