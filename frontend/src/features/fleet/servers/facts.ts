import type { Alert, LiveSample, Server, Status } from '@/api/types'
import { addressKey } from './addresses'

/** The stored values of a server, prepared for filtering ten thousand. */
export interface Fixed {
  server: Server
  /** The searched text in lower case. */
  haystack: string
  address: string
}

/** The live values of a server. */
export interface Moving {
  status: Status
  lastReport: string | null
  cpu: number | null
  memory: number | null
  disk: number | null
  criticals: number
  warnings: number
}

export function fixedFacts(server: Server): Fixed {
  const words = [server.server_name, server.ip_address, ...server.tags, ...server.users.map((user) => user.username)]
  return { server, haystack: words.join('\n').toLowerCase(), address: addressKey(server.ip_address) }
}

export function movingFacts(server: Server, live: LiveSample | undefined, alerts: Alert[] | undefined): Moving {
  const criticals = alerts?.filter((alert) => alert.level === 'critical').length ?? 0
  return {
    status: live?.status ?? server.status,
    lastReport: live?.last_report_at ?? null,
    cpu: live?.cpu_value ?? null,
    memory: live?.memory_value ?? null,
    disk: live?.disk_value ?? null,
    criticals,
    warnings: (alerts?.length ?? 0) - criticals,
  }
}

/** By name with numbers: web-2 before web-10. */
export function byName(servers: Fixed[]): Fixed[] {
  const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
  return [...servers].sort((one, other) => compare(one.server.server_name, other.server.server_name) || one.server.id - other.server.id)
}
