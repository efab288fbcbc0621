import type { ServerQuery } from '@/api/servers'

export const STATUSES = ['online', 'offline', 'never'] as const
export const SILENCED = ['yes', 'no'] as const
export const WITHOUT = ['tag', 'team'] as const
export const ALERTS = ['any', 'critical', 'warning', 'none'] as const

export interface Filter {
  /** Each word must be in the name, address, a tag or a user. */
  q: string
  /** The server must have all of them. */
  tags: string[]
  /** One of STATUSES. Anything else: no filter. */
  status: string
  /** One of ALERTS. Anything else: no filter. */
  alerts: string
  /** One of SILENCED. Anything else: no filter. */
  silenced: string
  /** Such as 192.0.2.0/24. */
  network?: string
  /** The name of a team. */
  team?: string
  /** Some of WITHOUT. */
  without?: string[]
}

/** What to ask the server for. An address may have anything typed into it. */
export function toQuery({
  q,
  tags,
  status,
  alerts,
  silenced,
  network,
  team,
  without,
}: Filter): Omit<ServerQuery, 'sort'> {
  return {
    q: q.trim(),
    tag: tags,
    status: one(STATUSES, status),
    alerts: one(ALERTS, alerts),
    silenced: one(SILENCED, silenced),
    network,
    team,
    without: without && WITHOUT.filter((each) => without.includes(each)),
  }
}

export function isFiltered({ q, tags, status, alerts, silenced, network, team, without = [] }: Filter): boolean {
  return (
    q.trim() !== '' || [tags, status, alerts, silenced, network ?? '', team ?? '', without].some((of) => of.length > 0)
  )
}

function one<T extends string>(known: readonly T[], given: string): T | undefined {
  return known.find((each) => each === given)
}
