import type { Asked, Call, Data } from './calls'
import { get, post, remove } from './http'

/** Milliseconds that the replay of a large fleet may take. */
const LONG = 600_000

export type Rehearsal = Data<'post', '/api/on-call/rehearsal'>
/** What is rehearsed: one changed rota, escalation, or what a person set for themselves. */
export type Rehearsed = Omit<Call<'post', '/api/on-call/rehearsal'>['body'], 'days'>
export type Reach = Data<'get', '/api/on-call/reach'>[number]
export type Drill = Data<'post', '/api/alerts/drill'>
export type DrillPlace = Call<'post', '/api/alerts/drill'>['body']

/** Whom the last *days* would have paged with *change*. Changes nothing. */
export const rehearse = (change: Rehearsed, days: number, signal?: AbortSignal) =>
  post('/api/on-call/rehearsal', { body: { ...change, days }, timeout: LONG, signal })
export const getRehearsal = (rehearsal_id: string, signal?: AbortSignal) =>
  get('/api/on-call/rehearsal/{rehearsal_id}', { path: { rehearsal_id }, signal })
export const cancelRehearsal = (rehearsal_id: string) =>
  remove('/api/on-call/rehearsal/{rehearsal_id}', { path: { rehearsal_id } })

/** Who has confirmed an alert by which way, and who is on call next. */
export const listReach = (asked?: Asked<'get', '/api/on-call/reach'>) => get('/api/on-call/reach', asked)

/** Starts an alert that is marked as a drill. */
export const startDrill = (place: DrillPlace) => post('/api/alerts/drill', { body: place })
export const getDrill = (drill_id: number, signal?: AbortSignal) =>
  get('/api/alerts/drill/{drill_id}', { path: { drill_id }, signal })
