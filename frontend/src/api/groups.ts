import type { Asked } from './calls'
import { get } from './http'

/** The servers that the user sees in groups, with how each group does. */
export const listGroups = (asked: Asked<'get', '/api/fleet/groups'>) => get('/api/fleet/groups', asked)
/** What a wallboard shows: to the session's user, or by the *token* of a link instead. */
export const getWallboard = (token: string, asked: Asked<'get', '/api/fleet/wallboard'>) =>
  get('/api/fleet/wallboard', token === '' ? asked : { ...asked, headers: { Authorization: `Bearer ${token}` } })
