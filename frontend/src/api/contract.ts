import type { components } from './schema'
import type { Incident, IncidentDetail, IncidentEntry, Suggestion } from './incidents'

/** What the generated schema does not have yet. */
type Ok<D> = { responses: { 200: { content: { 'application/json': { code: number; msg: string; data: D } } } } }
type Get<O> = { get: O; put?: never; post?: never; delete?: never }
type Post<O> = { get?: never; put?: never; post: O; delete?: never }
type Of = { path: { incident_id: number } }
interface IncidentQuery {
  state?: 'firing' | 'acknowledged' | 'ended' | 'open'
  server_id?: number
  level?: 'warning' | 'critical'
  q?: string
  tag?: string
  start?: string
  end?: string
  limit?: number
  cursor?: string
}

declare module './schema' {
  interface paths {
    '/api/incidents': Get<{ parameters: { query?: IncidentQuery } } & Ok<Incident[]>>
    '/api/incidents/{incident_id}': Get<{ parameters: Of } & Ok<IncidentDetail>>
    '/api/incidents/{incident_id}/ack': Post<
      {
        parameters: Of
        requestBody?: { content: { 'application/json': { note?: string | null } } }
      } & Ok<IncidentDetail>
    >
    '/api/incidents/{incident_id}/silence': Post<
      {
        parameters: Of
        requestBody?: { content: { 'application/json': { seconds?: number; reason?: string } } }
      } & Ok<{ silence_ids: number[] }>
    >
    '/api/incidents/{incident_id}/timeline': Get<
      { parameters: Of & { query?: { limit?: number; cursor?: string } } } & Ok<IncidentEntry[]>
    >
    '/api/incidents/{incident_id}/report': Get<{ parameters: Of } & Ok<never>>
    '/api/dependencies/suggestions': Get<{ parameters: object } & Ok<Suggestion[]>>
  }
}

export interface Grouped {
  incident_id?: number | null
  suppressed_by?: { id: number; name: string } | null
}
export interface Depends {
  depends_on?: { server_id?: number | null; check_id?: number | null; name?: string }[]
  /** The other direction. */
  needed_by?: { server_id?: number | null; check_id?: number | null; name: string }[]
}
export type IncidentBase = {
  id: number
  state: 'firing' | 'acknowledged' | 'ended'
  level: components['schemas']['AlertOut']['level']
  title: string
  started_at: string
  ended_at: string | null
  cause: {
    kind: 'server' | 'check' | 'tag' | 'network' | 'none'
    value: string | null
    sick: number
    healthy: number
    healthy_names: string[]
  }
  server_count: number
  alert_ids: number[]
  alert_count: number
  alerts_firing: number
  may_change: boolean
}
