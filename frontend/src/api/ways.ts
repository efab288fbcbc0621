import type { Asked, Call, Data } from './calls'
import { get, post, put, remove } from './http'

/** A way to reach the user. */
export type Way = Data<'get', '/api/auth/me/ways'>[number]
type Subscription = Call<'post', '/api/auth/me/push'>['body']

/** Of the user, in their order. */
export const listWays = (asked?: Asked<'get', '/api/auth/me/ways'>) => get('/api/auth/me/ways', asked)
/** In place of all there were: those with an id keep it, and their secrets. Id 0: a new one. */
export const saveWays = (ways: Way[]) => put('/api/auth/me/ways', { body: ways })
export const testWay = (way_id: number) => post('/api/auth/me/ways/{way_id}/test', { path: { way_id } })

export const getPushKey = () => get('/api/push/key')
export const addPush = (subscription: Subscription) => post('/api/auth/me/push', { body: subscription })
export const removePush = (endpoint: string) => remove('/api/auth/me/push', { body: { endpoint } })
