import type { IncidentEntry, Suggestion } from './incidents'

/** What the generated schema does not have yet. */
type Ok<D> = { responses: { 200: { content: { 'application/json': { code: number; msg: string; data: D } } } } }
type Get<O> = { get: O; put?: never; post?: never; delete?: never }
type Post<O> = { get?: never; put?: never; post: O; delete?: never }
type Of = { path: { incident_id: number } }

declare module './schema' {
  interface paths {
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
  suppressed_by?: { id: number; name: string } | null
}
export interface Depends {
  depends_on?: { server_id?: number | null; check_id?: number | null; name?: string }[]
  /** The other direction. */
  needed_by?: { server_id?: number | null; check_id?: number | null; name: string }[]
}
