import type { Channel } from '@/api/types'

export const SCOPE_KINDS = ['everything', 'tag', 'team', 'servers', 'checks'] as const
export type ScopeKind = (typeof SCOPE_KINDS)[number]

/** Of which servers and checks a channel is notified; one field at most. */
export interface ChannelScope {
  tag?: string
  team_id?: number
  server_ids?: number[]
  check_ids?: number[]
}

const FIELDS = { tag: 'tag', team: 'team_id', servers: 'server_ids', checks: 'check_ids' } as const

/** The one field that is set: an answer may have others that are null. */
export function knownScope(given: Channel['scope'] | undefined): ChannelScope {
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(set)
}

export function kindOfScope(scope: ChannelScope): ScopeKind {
  return SCOPE_KINDS.find((kind) => kind !== 'everything' && scope[FIELDS[kind]] !== undefined) ?? 'everything'
}

/** Whether something is chosen: to the server, no servers are all of them. */
export function isComplete({ tag, team_id, server_ids, check_ids }: ChannelScope): boolean {
  return tag !== '' && team_id !== 0 && server_ids?.length !== 0 && check_ids?.length !== 0
}

/** A scope of another kind, with nothing chosen yet but the first tag or team. */
export function emptyScope(kind: ScopeKind, tags: string[], teamIds: number[]): ChannelScope {
  switch (kind) {
    case 'everything':
      return {}
    case 'tag':
      return { tag: tags[0] ?? '' }
    case 'team':
      return { team_id: teamIds[0] ?? 0 }
    case 'servers':
      return { server_ids: [] }
    case 'checks':
      return { check_ids: [] }
  }
}
