import type { Alert } from '@/api/types'

/** Empty (null): any. */
export interface Wanted {
  q: string
  level: string
  serverId: number | null
  tag: string
  metric: string
}

/** Those that are only pending come from the server all at once, and are chosen among here. */
export function matches(alert: Pick<Alert, 'server_id' | 'server_name' | 'metric' | 'level'>, wanted: Wanted, tags: string[]): boolean {
  const words = `${alert.server_name} ${alert.metric}`.toLowerCase()
  return (
    words.includes(wanted.q.trim().toLowerCase()) &&
    (wanted.level === '' || alert.level === wanted.level) &&
    (wanted.serverId === null || alert.server_id === wanted.serverId) &&
    (wanted.tag === '' || tags.includes(wanted.tag)) &&
    (wanted.metric === '' || alert.metric === wanted.metric)
  )
}
