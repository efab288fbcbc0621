import type { Asked } from './calls'
import { get, getPage, getText, post, postCsv, put, remove } from './http'
import type { BatchAction, NewServer, Series, Server, ServerChange } from './types'

/** Milliseconds. Changes of ten thousand servers take long. */
const MANY_TIMEOUT_MS = 180_000
const MOST_CHANGED = 10_000
/** As many ids as an address holds. */
const MOST_READ = 500

/** With *ids*: those of up to 1000 servers. */
export const listServers = (asked?: Asked<'get', '/api/servers'>) => get('/api/servers', asked)
type OrderedQuery = NonNullable<Asked<'get', '/api/servers/ordered'>['query']>
/** What a list of servers shows, and in which order. */
export type ServerQuery = Omit<OrderedQuery, 'offset' | 'limit'>
/** The sort of a list, such as "-cpu". */
export type ServerSort = NonNullable<OrderedQuery['sort']>
/** A page of the servers that match, in order. */
export const listOrdered = (asked: Asked<'get', '/api/servers/ordered'>) => get('/api/servers/ordered', asked)
/** All that match. */
export const listIds = (asked: Asked<'get', '/api/servers/ids'>) =>
  get('/api/servers/ids', { timeout: MANY_TIMEOUT_MS, ...asked })
export const listTags = (asked?: Asked<'get', '/api/servers/tags'>) => get('/api/servers/tags', asked)
/** Of up to 1000 servers. */
export const listNames = (ids: number[]) => get('/api/servers/names', { query: { ids: ids.join(',') } })
export const getServer = (server_id: number, asked?: Asked<'get', '/api/servers/{server_id}'>) =>
  get('/api/servers/{server_id}', { path: { server_id }, ...asked })
/** What its agent says of the host; null if it never did. */
export const getFacts = (server_id: number, asked?: Asked<'get', '/api/servers/{server_id}/facts'>) =>
  get('/api/servers/{server_id}/facts', { path: { server_id }, ...asked })
export const createServer = (server: NewServer) => post('/api/servers', { body: server })
export const changeServer = (server_id: number, change: ServerChange) =>
  put('/api/servers/{server_id}', { path: { server_id }, body: change })
export const deleteServer = (server_id: number) => remove('/api/servers/{server_id}', { path: { server_id } })
export const linkUsers = (server_id: number, user_ids: number[]) =>
  post('/api/servers/{server_id}/users', { path: { server_id }, body: { user_ids } })
/** Changes all or none of up to 10,000 servers; more of them in parts, one after the other. Returns how many. */
export async function changeServers(server_ids: number[], action: BatchAction): Promise<number> {
  for (const part of parts(server_ids, MOST_CHANGED))
    await post('/api/servers/batch', { body: { ...action, server_ids: part }, timeout: MANY_TIMEOUT_MS })
  return server_ids.length
}
/** Rows of any number of servers, fetched in parts; *tell* hears how many are there. */
export async function getSome(ids: number[], tell: (count: number) => void = () => undefined): Promise<Server[]> {
  const rows = new Map<number, Server>()
  for (const part of parts(ids, MOST_READ)) {
    for (const row of await listServers({ query: { ids: part.join(',') } })) rows.set(row.id, row)
    tell(rows.size)
  }
  return ids.flatMap((id) => rows.get(id) ?? [])
}
const parts = (ids: number[], size: number) =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, at) => ids.slice(at * size, (at + 1) * size))
export const listUnregistered = (asked?: Asked<'get', '/api/servers/unregistered'>) =>
  get('/api/servers/unregistered', asked)
export const importServers = (csv: Blob, dry_run: boolean, signal?: AbortSignal) =>
  postCsv('/api/servers/import', csv, { query: { dry_run }, timeout: MANY_TIMEOUT_MS, signal })
export const exportServers = () => getText('/api/servers/export')
/** The last hour, one average a minute (null where there was no sample), of up to 200 servers. */
export const getRecent = (server_ids: number[], metrics: string[], asked?: Asked<'get', '/api/servers/recent'>) =>
  get('/api/servers/recent', { ...asked, query: { server_ids: server_ids.join(','), metrics: metrics.join(',') } })
/** Disks that are filling up, the soonest full first. */
export const listFilling = (asked?: Asked<'get', '/api/servers/filling'>) => getPage('/api/servers/filling', asked)
/** For each metric the policy that applies, why, and which it overrides. */
export const listServerPolicies = (server_id: number, asked?: Asked<'get', '/api/servers/{server_id}/policies'>) =>
  get('/api/servers/{server_id}/policies', { path: { server_id }, ...asked })
/** The lines and ranges that policies see. */
export const listOutlooks = (server_id: number, asked?: Asked<'get', '/api/servers/{server_id}/outlooks'>) =>
  get('/api/servers/{server_id}/outlooks', { path: { server_id }, ...asked })
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

export type FillingDisk = Awaited<ReturnType<typeof listFilling>>['items'][number]
