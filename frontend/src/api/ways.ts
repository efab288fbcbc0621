import type { Asked, Call, Data } from './calls'
import { get, post, put, remove } from './http'

/** A way to reach the user. */
export type Way = Data<'get', '/api/auth/me/ways'>[number]
/** The rest of a way is ignored. */
export type NewWay = Pick<Way, 'id' | 'kind' | 'settings' | 'level' | 'after'>
type Subscription = Call<'post', '/api/auth/me/push'>['body']

/** Of the user, in their order. */
export const listWays = (asked?: Asked<'get', '/api/auth/me/ways'>) => get('/api/auth/me/ways', asked)
/** In place of all there were: those with an id keep it, and their secrets. */
export const saveWays = (ways: NewWay[]) =>
  put('/api/auth/me/ways', { body: ways as Call<'put', '/api/auth/me/ways'>['body'] })
export const testWay = (way_id: number) => post('/api/auth/me/ways/{way_id}/test', { path: { way_id } })

export const getPushKey = () => get('/api/push/key')
export const addPush = (subscription: Subscription) => post('/api/auth/me/push', { body: subscription })
export const removePush = (endpoint: string) => remove('/api/auth/me/push', { body: { endpoint } })
