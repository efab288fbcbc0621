import type { Asked } from './calls'
import { get } from './http'

/** The servers that the user sees in groups, with how each group does. */
export const listGroups = (asked: Asked<'get', '/api/fleet/groups'>) => get('/api/fleet/groups', asked)
/** What the link of a wallboard shows. *token*: the secret of the link. */
export const getWallboard = (asked: Asked<'get', '/api/fleet/wallboard'> & { token: string }) =>
  get('/api/fleet/wallboard', asked)
