import type { Asked } from './calls'
import { get } from './http'

/** The servers that the user sees in groups, with how each group does. */
export const listGroups = (asked: Asked<'get', '/api/fleet/groups'>) => get('/api/fleet/groups', asked)
/** What the link of a wallboard shows, by its secret instead of the session's. */
export const getWallboard = (token: string, asked: Asked<'get', '/api/fleet/wallboard'>) =>
  get('/api/fleet/wallboard', { ...asked, headers: { Authorization: `Bearer ${token}` } })
