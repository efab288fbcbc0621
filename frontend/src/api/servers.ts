import type { Asked } from './calls'
import { get, getText, post, postCsv, put, remove } from './http'
import type { BatchAction, NewServer, Series, ServerChange } from './types'

/** Milliseconds. Changes of ten thousand servers take long. */
const MANY_TIMEOUT_MS = 180_000

export const listServers = (asked?: Asked<'get', '/api/servers'>) => get('/api/servers', asked)
export const getServer = (server_id: number, asked?: Asked<'get', '/api/servers/{server_id}'>) =>
  get('/api/servers/{server_id}', { path: { server_id }, ...asked })
export const createServer = (server: NewServer) => post('/api/servers', { body: server })
export const changeServer = (server_id: number, change: ServerChange) =>
  put('/api/servers/{server_id}', { path: { server_id }, body: change })
export const deleteServer = (server_id: number) => remove('/api/servers/{server_id}', { path: { server_id } })
export const linkUsers = (server_id: number, user_ids: number[]) =>
  post('/api/servers/{server_id}/users', { path: { server_id }, body: { user_ids } })
export const changeServers = (server_ids: number[], action: BatchAction) =>
  post('/api/servers/batch', { body: { ...action, server_ids }, timeout: MANY_TIMEOUT_MS })
export const listUnregistered = (asked?: Asked<'get', '/api/servers/unregistered'>) => get('/api/servers/unregistered', asked)
export const importServers = (csv: Blob, dry_run: boolean, signal?: AbortSignal) =>
  postCsv('/api/servers/import', csv, { query: { dry_run }, timeout: MANY_TIMEOUT_MS, signal })
export const exportServers = () => getText('/api/servers/export')
/** The last hour, one average a minute (null where there was no sample), of up to 200 servers. */
export const getRecent = (server_ids: number[], metrics: string[], asked?: Asked<'get', '/api/servers/recent'>) =>
  get('/api/servers/recent', { ...asked, query: { server_ids: server_ids.join(','), metrics: metrics.join(',') } })
/** Disks that are filling up, the soonest full first. */
export const listFilling = (limit: number, asked?: Asked<'get', '/api/servers/filling'>) =>
  get('/api/servers/filling', { ...asked, query: { limit } })
/** For each metric the policy that applies, why, and which it overrides. */
export const listServerPolicies = (server_id: number, asked?: Asked<'get', '/api/servers/{server_id}/policies'>) =>
  get('/api/servers/{server_id}/policies', { path: { server_id }, ...asked })
/** Null before its first report. */
export const getNewestSample = async (server_id: number, asked?: Asked<'get', '/api/monitor/data'>) =>
  (await get('/api/monitor/data', { ...asked, query: { server_id, limit: 1 } }))[0] ?? null
export const listUserOptions = (asked?: Asked<'get', '/api/users/options'>) => get('/api/users/options', asked)

export interface SeriesRange {
  metrics: string[]
  /** Epoch seconds. */
  start: number
  end: number
  points?: number
}

export async function getSeries(server_id: number, range: SeriesRange, signal?: AbortSignal): Promise<Series> {
  const { resolution, time, coverage, ...columns } = await get('/api/servers/{server_id}/series', {
    path: { server_id },
    query: {
      metrics: range.metrics.join(','),
      start: new Date(range.start * 1000).toISOString(),
      end: new Date(range.end * 1000).toISOString(),
      points: range.points,
    },
    signal,
  })
  return { resolution, time, coverage, columns }
}
