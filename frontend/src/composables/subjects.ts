import type { Alert, Scope } from '@/api/types'

/** What an alert is about, and the scope of that alone. */
export type SubjectKind = 'server' | 'check' | 'check_in'
export type Ids = Pick<Alert, 'server_id' | 'check_id' | 'check_in_id'>

export interface Subject {
  kind: SubjectKind
  id: number
}

/** Servers, checks and check-ins are numbered together: the id alone is unique. A check may also have a server. */
export function subjectOf({ server_id, check_id, check_in_id }: Ids): Subject {
  if (check_id !== null) return { kind: 'check', id: check_id }
  if (check_in_id !== null) return { kind: 'check_in', id: check_in_id }
  return { kind: 'server', id: server_id ?? 0 }
}

/** Null for a check or check-in, which has no live values. */
export function hostOf(ids: Ids): number | null {
  const { kind, id } = subjectOf(ids)
  return kind === 'server' && id !== 0 ? id : null
}

const PAGES = { server: '/servers', check: '/checks', check_in: '/check-ins' }

export function pageOf({ kind, id }: Subject): string {
  return `${PAGES[kind]}/${id}`
}

/** The server that a check belongs to. Null for an alert of a server itself. */
export function ownerOf(ids: Ids): number | null {
  return subjectOf(ids).kind === 'server' ? null : ids.server_id
}

/** Unique in a list: a pending alert has no id. */
export function keyOf(alert: Ids & Pick<Alert, 'id' | 'metric'>): number | string {
  return alert.id ?? `${subjectOf(alert).id}/${alert.metric}`
}

export const EVERYTHING: Scope = { tag: null, server_id: null, check_id: null, check_in_id: null }

/** The scope of one of them, or of everything. */
export function scopeOf(subject?: Subject): Scope {
  return subject === undefined ? { ...EVERYTHING } : { ...EVERYTHING, [`${subject.kind}_id`]: subject.id }
}

/** Undefined for everything and for a tag. The id is 0 while none is chosen. */
export function subjectOfScope({ server_id, check_id, check_in_id }: Scope): Subject | undefined {
  const ids: [SubjectKind, number | null | undefined][] = [
    ['server', server_id],
    ['check', check_id],
    ['check_in', check_in_id],
  ]
  const found = ids.find(([, id]) => id !== null && id !== undefined)
  return found && { kind: found[0], id: found[1]! }
}
