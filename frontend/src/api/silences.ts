import type { Asked } from './calls'
import { get, post, remove } from './http'
import type { NewSilence } from './types'

export const listSilences = (asked?: Asked<'get', '/api/silences'>) => get('/api/silences', asked)
export const createSilence = (silence: NewSilence) => post('/api/silences', { body: silence })
/** What it would have held back in the last *days*. */
export const previewSilence = (silence: NewSilence, days: number, asked?: { signal: AbortSignal }) =>
  post('/api/silences/preview', { body: { ...silence, days }, ...asked })
/** What it has held back. */
export const silenceEffect = (silence_id: number, asked?: { signal: AbortSignal }) =>
  get('/api/silences/{silence_id}/effect', { path: { silence_id }, ...asked })
/** It stays in the list, as a past one. */
export const endSilence = (silence_id: number) => post('/api/silences/{silence_id}/end', { path: { silence_id } })
export const deleteSilence = (silence_id: number) => remove('/api/silences/{silence_id}', { path: { silence_id } })
