import type { ServerQuery } from '@/api/servers'

export const STATUSES = ['online', 'offline', 'never'] as const
export const SILENCED = ['yes', 'no'] as const
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
}

/** What to ask the server for. An address may have anything typed into it. */
export function toQuery({ q, tags, status, alerts, silenced }: Filter): Omit<ServerQuery, 'sort'> {
  return {
    q: q.trim(),
    tag: tags,
    status: one(STATUSES, status),
    alerts: one(ALERTS, alerts),
    silenced: one(SILENCED, silenced),
  }
}

export function isFiltered({ q, tags, status, alerts, silenced }: Filter): boolean {
  return q.trim() !== '' || tags.length > 0 || status !== '' || alerts !== '' || silenced !== ''
}

function one<T extends string>(known: readonly T[], given: string): T | undefined {
  return known.find((each) => each === given)
}
