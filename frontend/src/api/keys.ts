import { get, post, remove } from './http'
import type { ApiKey } from './types'

export const listKeys = () => get<ApiKey[]>('/api-keys')
/** `server_id` null: a fleet key. The answer holds `key`, this once. */
export const createKey = (name: string, server_id: number | null) => post<ApiKey>('/api-keys', { name, server_id })
export const revokeKey = (id: number) => remove(`/api-keys/${id}`)
