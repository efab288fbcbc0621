import type { Scope, Server } from '@/api/types'

/** Whether a policy's or a silence's scope takes in this server. */
export function coversServer({ server_id, tag }: Scope, server: Pick<Server, 'id' | 'tags'>): boolean {
  if (server_id !== null && server_id !== undefined) return server_id === server.id
  return !tag || server.tags.includes(tag)
}
