import type { Fixed, Moving } from './facts'

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

export function matcher({ q, tags, status, alerts, silenced }: Filter): (fixed: Fixed, moving: Moving) => boolean {
  const words = q.toLowerCase().split(/\s+/).filter((word) => word !== '')
  return ({ server, haystack }, moving) =>
    words.every((word) => haystack.includes(word)) &&
    tags.every((tag) => server.tags.includes(tag)) &&
    hasStatus(moving, status) &&
    hasAlerts(moving, alerts) &&
    isSilenced(server.silenced.length > 0, silenced)
}

export function isFiltered(filter: Filter): boolean {
  return filter.q.trim() !== '' || filter.tags.length > 0 || filter.status !== '' || filter.alerts !== '' || filter.silenced !== ''
}

function hasStatus(moving: Moving, wanted: string): boolean {
  if (wanted === 'never') return moving.lastReport === null
  if (wanted === 'offline') return moving.status === 'offline' && moving.lastReport !== null
  return wanted === 'online' ? moving.status === wanted : true
}

function isSilenced(is: boolean, wanted: string): boolean {
  return wanted === 'yes' ? is : wanted === 'no' ? !is : true
}

function hasAlerts({ criticals, warnings }: Moving, wanted: string): boolean {
  switch (wanted) {
    case 'any':
      return criticals + warnings > 0
    case 'critical':
      return criticals > 0
    case 'warning':
      return warnings > 0
    case 'none':
      return criticals + warnings === 0
    default:
      return true
  }
}
