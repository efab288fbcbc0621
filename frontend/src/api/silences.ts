import type { Asked } from './calls'
import { get, post, remove } from './http'
import type { NewSilence } from './types'

export const listSilences = (asked?: Asked<'get', '/api/silences'>) => get('/api/silences', asked)
export const createSilence = (silence: NewSilence) => post('/api/silences', { body: silence })
export const deleteSilence = (silence_id: number) => remove('/api/silences/{silence_id}', { path: { silence_id } })
