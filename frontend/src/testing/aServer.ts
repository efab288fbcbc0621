import type { Server, Silenced } from '@/api/types'

/** A server with the *given* values. */
export function aServer(id: number, given: Partial<Server> = {}): Server {
  return {
    id,
    server_name: `web-${id}`,
    ip_address: `10.0.0.${id}`,
    port: 22,
    status: 'online',
    tags: [],
    depends_on: [],
    users: [],
    created_at: '2026-01-01 00:00:00',
    clock_skew: null,
    silenced: [],
    teams: [],
    may_change: true,
    agent: null,
    ...given,
  }
}

/** An active silence of it, for all metrics. */
export function aSilence(given: Partial<Silenced> = {}): Silenced {
  return {
    id: 1,
    scope: { server_id: 1 },
    metric: null,
    until: '2026-01-01 18:00:00',
    reason: '',
    recurring: false,
    created_by: 'ann',
    ...given,
  }
}
