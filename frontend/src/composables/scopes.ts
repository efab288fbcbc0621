import type { Scope, Server } from '@/api/types'
import { subjectOfScope } from './subjects'

/** True for the scope of one server. Its users may change what has it; other scopes are for administrators. */
export function isOfServer({ server_id }: Scope): boolean {
  return (server_id ?? null) !== null
}

/** True if a policy or silence with *scope* applies to the server. */
export function covers(scope: Scope, server: Pick<Server, 'id' | 'tags'>): boolean {
  const subject = subjectOfScope(scope)
  if (subject !== undefined) return subject.kind === 'server' && subject.id === server.id
  return !scope.tag || server.tags.includes(scope.tag)
}
