import type { Asked } from './calls'
import { get, post, remove } from './http'

export const listKeys = () => get('/api/api-keys')
/** `server_id` null: a fleet key. Only this answer contains `key`. */
export const createKey = (name: string, server_id: number | null) =>
  post('/api/api-keys', { body: { name, server_id } })
export const revokeKey = (key_id: number) => remove('/api/api-keys/{key_id}', { path: { key_id } })
/** The command that installs the agent on a host, with the checksum of the script. */
export const readInstall = (asked?: Asked<'get', '/api/agent/install'>) => get('/api/agent/install', asked)
export const listOldAgents = (asked?: Asked<'get', '/api/agent/old'>) => get('/api/agent/old', asked)
