import { get, post, remove } from './http'

export const listKeys = () => get('/api/api-keys')
/** `server_id` null: a fleet key. The answer holds `key`, this once. */
export const createKey = (name: string, server_id: number | null) => post('/api/api-keys', { body: { name, server_id } })
export const revokeKey = (key_id: number) => remove('/api/api-keys/{key_id}', { path: { key_id } })
/** The line that installs the agent on a host, with the checksum of what it runs. */
export const readInstall = () => get('/api/agent/install')
