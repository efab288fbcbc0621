import type { Asked } from './http'
import { get, getText, post, put, remove } from './http'
import type { Import, NewServer, NewSilence, Sample, Series, Server, ServerChange, ServerPolicy, Stats, UnregisteredHost, UserOption } from './types'

type SilenceTimes = Omit<NewSilence, 'scope'>

export interface Recent {
  start: string
  step: number
  servers: ({ server_id: number } & Partial<Record<string, (number | null)[]>>)[]
}

export interface FillingDisk {
  server_id: number
  server_name: string
  metric: string
  value: number
  per_day: number
  full_at: string
}

export type BatchAction =
  | { action: 'delete' }
  | { action: 'link_users' | 'unlink_users'; user_ids: number[] }
  | { action: 'add_tags' | 'remove_tags'; tags: string[] }
  | { action: 'silence'; silence: SilenceTimes }

export const listServers = (asked?: Asked) => get<Server[]>('/servers', asked)
export const getServer = (id: number, asked?: Asked) => get<Server>(`/servers/${id}`, asked)
export const createServer = (server: NewServer) => post<Server>('/servers', server)
export const changeServer = (id: number, change: ServerChange) => put<Server>(`/servers/${id}`, change)
export const deleteServer = (id: number) => remove(`/servers/${id}`)
export const linkUsers = (id: number, user_ids: number[]) => post<Server>(`/servers/${id}/users`, { user_ids })
export const changeServers = (server_ids: number[], action: BatchAction) =>
  post<{ servers: number }>('/servers/batch', { ...action, server_ids })
export const listUnregistered = (asked?: Asked) => get<UnregisteredHost[]>('/servers/unregistered', asked)
/** Ten thousand lines take their time. */
const IMPORT_TIMEOUT_MS = 180_000
export const importServers = (csv: Blob, dryRun: boolean, signal?: AbortSignal) =>
  post<Import>('/servers/import', csv, { params: { dry_run: dryRun }, headers: { 'Content-Type': 'text/csv' }, timeout: IMPORT_TIMEOUT_MS, signal })
export const exportServers = () => getText('/servers/export')
/** The last hour, one average a minute (null where there was no sample), of up to 200 servers. */
export const getRecent = (server_ids: number[], metrics: string[], asked?: Asked) =>
  get<Recent>('/servers/recent', { ...asked, query: { server_ids: server_ids.join(','), metrics: metrics.join(',') } })
/** Disks that fill up, the soonest first. */
export const listFilling = (limit: number, asked?: Asked) => get<FillingDisk[]>('/servers/filling', { ...asked, query: { limit } })
/** For each metric the policy that applies, why, and which it overrides. */
export const listServerPolicies = (id: number, asked?: Asked) => get<ServerPolicy[]>(`/servers/${id}/policies`, asked)
/** Null before its first report. */
export const getNewestSample = async (server_id: number, asked?: Asked) =>
  (await get<Sample[]>('/monitor/data', { ...asked, query: { server_id, limit: 1 } }))[0] ?? null
export const getStats = (asked?: Asked) => get<Stats>('/monitor/stats', asked)
export const listUserOptions = (asked?: Asked) => get<UserOption[]>('/users/options', asked)

export interface SeriesRange {
  metrics: string[]
  /** Epoch seconds. */
  start: number
  end: number
  points?: number
}

type Column = { avg: number[]; min: number[]; max: number[] }

export async function getSeries(id: number, range: SeriesRange, signal?: AbortSignal): Promise<Series> {
  const { resolution, time, coverage, ...columns } = await get<
    { resolution: number; time: number[]; coverage: number[] } & Record<string, unknown>
  >(`/servers/${id}/series`, {
    query: {
      metrics: range.metrics.join(','),
      start: new Date(range.start * 1000).toISOString(),
      end: new Date(range.end * 1000).toISOString(),
      points: range.points,
    },
    signal,
  })
  return { resolution, time, coverage, columns: columns as Record<string, Column> }
}
