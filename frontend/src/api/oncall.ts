import type { Asked, Call, Data } from './calls'
import { get, post, put, remove } from './http'
import { toWritten } from './times'

export type Rota = Data<'get', '/api/rotas'>[number]
export type NewRota = Call<'post', '/api/rotas'>['body']
export type Override = Rota['overrides'][number]
export type Shift = Data<'get', '/api/rotas/{rota_id}/on-call'>[number]
/** Who is on call in a rota now and next. */
export type OnCall = Data<'get', '/api/on-call'>[number]
export type Escalation = Data<'get', '/api/escalations'>[number]
export type NewEscalation = Call<'post', '/api/escalations'>['body']
export type Target = Escalation['steps'][number]['to'][number]

export const listRotas = (asked?: Asked<'get', '/api/rotas'>) => get('/api/rotas', asked)
export const createRota = (rota: NewRota) => post('/api/rotas', { body: rota })
export const changeRota = (rota_id: number, rota: NewRota) =>
  put('/api/rotas/{rota_id}', { path: { rota_id }, body: rota })
export const deleteRota = (rota_id: number) => remove('/api/rotas/{rota_id}', { path: { rota_id } })

export const listOnCall = (asked?: Asked<'get', '/api/on-call'>) => get('/api/on-call', asked)
export const listShifts = (rota_id: number, from: Date, to: Date, asked?: { signal: AbortSignal }) =>
  get('/api/rotas/{rota_id}/on-call', {
    path: { rota_id },
    query: { at: toWritten(from), until: toWritten(to) },
    ...asked,
  })

/** Somebody else is on call. People may do so for their own turns, administrators for all. */
export const addOverride = (rota_id: number, override: Override) =>
  post('/api/rotas/{rota_id}/overrides', { path: { rota_id }, body: override })
export const endOverride = (rota_id: number, override: Override) =>
  remove('/api/rotas/{rota_id}/overrides', { path: { rota_id }, query: override })

export const listEscalations = (asked?: Asked<'get', '/api/escalations'>) => get('/api/escalations', asked)
export const listEscalationOptions = (asked?: Asked<'get', '/api/escalations/options'>) =>
  get('/api/escalations/options', asked)
export const createEscalation = (escalation: NewEscalation) => post('/api/escalations', { body: escalation })
export const changeEscalation = (escalation_id: number, escalation: NewEscalation) =>
  put('/api/escalations/{escalation_id}', { path: { escalation_id }, body: escalation })
export const deleteEscalation = (escalation_id: number) =>
  remove('/api/escalations/{escalation_id}', { path: { escalation_id } })
