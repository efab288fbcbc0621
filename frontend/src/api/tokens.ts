import type { Asked } from './calls'
import { getPage, post, remove } from './http'
import type { NewPersonalToken } from './types'

/** The personal tokens of the logged-in user. */
export const listTokens = (asked?: Asked<'get', '/api/tokens'>) => getPage('/api/tokens', asked)
/** Only this answer contains `token`. */
export const createToken = (token: NewPersonalToken) => post('/api/tokens', { body: token })
export const revokeToken = (token_id: number) => remove('/api/tokens/{token_id}', { path: { token_id } })
