import type { Asked } from './calls'
import { get, getPage, getText, post } from './http'
import type { Schemas } from './types'

export type Incident = Schemas['IncidentOut']
export type IncidentDetail = Schemas['IncidentDetail']
/** An entry of the timeline of one of its alerts. */
export type IncidentEntry = Schemas['IncidentEntryOut']
/** A server or a check that something depends on. */
export type Dependency = Schemas['Dependency']
/** What seems to depend on something: a server or a check, with its *name*. */
export type Suggestion = Schemas['DependencySuggestionOut']

export const listIncidents = (asked?: Asked<'get', '/api/incidents'>) => getPage('/api/incidents', asked)
export const getIncident = (incident_id: number, asked?: { signal?: AbortSignal }) =>
  get('/api/incidents/{incident_id}', { path: { incident_id }, ...asked })
export const acknowledgeIncident = (incident_id: number, note: string | null) =>
  post('/api/incidents/{incident_id}/ack', { path: { incident_id }, body: { note } })
export const silenceIncident = (incident_id: number, seconds: number, reason: string) =>
  post('/api/incidents/{incident_id}/silence', { path: { incident_id }, body: { seconds, reason } })
export const listEntries = (incident_id: number, asked?: Asked<'get', '/api/incidents/{incident_id}/timeline'>) =>
  getPage('/api/incidents/{incident_id}/timeline', { path: { incident_id }, ...asked })
/** In Markdown. */
export const getReport = (incident_id: number) =>
  getText('/api/incidents/{incident_id}/report', { path: { incident_id } })
export const listSuggestions = (asked?: { signal?: AbortSignal }) => get('/api/dependencies/suggestions', asked)
/** What depends on a server or a check. */
export const listDependents = (server_id: number, asked?: { signal?: AbortSignal }) =>
  get('/api/servers/{server_id}/dependents', { path: { server_id }, ...asked })
