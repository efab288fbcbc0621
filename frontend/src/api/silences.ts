import type { Asked } from './http'
import { get, post, remove } from './http'
import type { NewSilence, Silence } from './types'

export const listSilences = (asked?: Asked) => get<Silence[]>('/silences', asked)
export const createSilence = (silence: NewSilence) => post<Silence>('/silences', silence)
export const deleteSilence = (id: number) => remove(`/silences/${id}`)
