import type { Asked } from './calls'
import { get, post, put, remove } from './http'
import type { NewTeam } from './types'

export const listTeams = (asked?: Asked<'get', '/api/teams'>) => get('/api/teams', asked)
export const createTeam = (team: NewTeam) => post('/api/teams', { body: team })
export const changeTeam = (team_id: number, team: NewTeam) =>
  put('/api/teams/{team_id}', { path: { team_id }, body: team })
export const deleteTeam = (team_id: number) => remove('/api/teams/{team_id}', { path: { team_id } })
