/** The addresses of checks and check-ins, for the typed calls, until the generated document has them. */

type Operation<D, Path = never, Query = never, Body = never> = {
  parameters: ([Path] extends [never] ? object : { path: Path }) & ([Query] extends [never] ? object : { query?: Query })
  responses: { 200: { content: { 'application/json': { data: D } } } }
} & ([Body] extends [never] ? object : { requestBody: { content: { 'application/json': Body } } })

type Verbs<Given> = { get?: never; put?: never; post?: never; delete?: never } extends infer None ? Given & Omit<None, keyof Given> : never

type CheckKindName = 'http' | 'tcp' | 'ping' | 'dns' | 'tls'
type CheckStateName = 'new' | 'up' | 'down'
type CheckInStateName = 'new' | 'up' | 'late' | 'down' | 'paused'

export interface ResultOut {
  at: string
  up: boolean
  ms: number | null
  cert_days: number | null
  error: string | null
}

export interface CheckBody {
  name: string
  kind: CheckKindName
  target: string
  interval: number
  timeout: number
  attempts: number
  server_id: number | null
  expect: { status?: number | null; text?: string | null; record?: string | null } | null
}

export interface CheckOut extends CheckBody {
  id: number
  server_name: string | null
  state: CheckStateName
  failures: number
  last: ResultOut | null
  failed: ResultOut | null
  next_run_at: string
  created_at: string
  may_change: boolean
}

export interface UptimeOut {
  /** A date, UTC. */
  first: string
  days: (number | null)[]
}

export interface CheckInBody {
  name: string
  period: number | null
  schedule: string | null
  timezone: string | null
  grace: number
  server_id: number | null
}

export interface CheckInOut extends CheckInBody {
  id: number
  server_name: string | null
  state: CheckInStateName
  next_due_at: string | null
  last_ping_at: string | null
  last_duration: number | null
  created_at: string
  ping_path: string | null
  may_change: boolean
}

export interface PingOut {
  at: string
  kind: 'success' | 'start' | 'fail'
  status: number | null
  duration: number | null
  body: string
  address: string
}

interface Paging {
  limit?: number | null
  cursor?: string | null
}

type CheckPath = { check_id: number }
type CheckInPath = { check_in_id: number }
interface CheckQuery extends Paging {
  server_id?: number | null
  kind?: CheckKindName | null
  up?: boolean | null
  state?: CheckStateName | null
  q?: string | null
}
interface CheckInQuery extends Paging {
  server_id?: number | null
  state?: CheckInStateName | null
  text?: string | null
}
interface SeriesQuery {
  metrics?: string
  start?: string | null
  end?: string | null
  points?: number | null
}
interface SeriesOut {
  resolution: number
  time: number[]
  coverage: number[]
  [metric: string]: unknown
}

declare module './schema' {
  interface paths {
    '/api/checks': Verbs<{ get: Operation<CheckOut[], never, CheckQuery>; post: Operation<CheckOut, never, never, CheckBody> }>
    '/api/checks/{check_id}': Verbs<{ get: Operation<CheckOut, CheckPath>; put: Operation<CheckOut, CheckPath, never, CheckBody>; delete: Operation<null, CheckPath> }>
    '/api/checks/{check_id}/run': Verbs<{ post: Operation<CheckOut, CheckPath> }>
    '/api/checks/{check_id}/series': Verbs<{ get: Operation<SeriesOut, CheckPath, SeriesQuery> }>
    '/api/checks/{check_id}/uptime': Verbs<{ get: Operation<UptimeOut, CheckPath> }>
    '/api/check-ins': Verbs<{ get: Operation<CheckInOut[], never, CheckInQuery>; post: Operation<CheckInOut, never, never, CheckInBody> }>
    '/api/check-ins/{check_in_id}': Verbs<{ get: Operation<CheckInOut, CheckInPath>; put: Operation<CheckInOut, CheckInPath, never, CheckInBody>; delete: Operation<null, CheckInPath> }>
    '/api/check-ins/{check_in_id}/pause': Verbs<{ post: Operation<CheckInOut, CheckInPath> }>
    '/api/check-ins/{check_in_id}/resume': Verbs<{ post: Operation<CheckInOut, CheckInPath> }>
    '/api/check-ins/{check_in_id}/pings': Verbs<{ get: Operation<PingOut[], CheckInPath, Paging> }>
  }
}
