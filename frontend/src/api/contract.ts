import type { IncidentEntry, Suggestion } from './incidents'

/** What the generated schema does not have yet. */
type Get<O, D> = {
  get: O & { responses: { 200: { content: { 'application/json': { code: number; msg: string; data: D } } } } }
  put?: never
  post?: never
  delete?: never
}
type Of = { path: { incident_id: number } }

declare module './schema' {
  interface paths {
    '/api/incidents/{incident_id}/timeline': Get<
      { parameters: Of & { query?: { limit?: number; cursor?: string } } },
      IncidentEntry[]
    >
    '/api/incidents/{incident_id}/report': Get<{ parameters: Of }, never>
    '/api/dependencies/suggestions': Get<{ parameters: object }, Suggestion[]>
  }
}

export interface Grouped {
  suppressed_by?: { id: number; name: string } | null
}
export interface Parent {
  depends_on: { id: number; name: string; since: string } | null
}
