import type { Scope, Server } from '@/api/types'

/** True for the scope of one server. Its users may change what has it; other scopes are for administrators. */
export function isOfServer({ server_id }: Scope): boolean {
  return (server_id ?? null) !== null
}

/** True if a policy or silence with *scope* applies to the server. */
export function covers(scope: Scope, server: Pick<Server, 'id' | 'tags'>): boolean {
  if (isOfServer(scope)) return scope.server_id === server.id
  return !scope.tag || server.tags.includes(scope.tag)
}
