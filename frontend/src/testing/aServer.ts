import type { Server } from '@/api/types'

/** A server like any other, but for what is *given*. */
export function aServer(id: number, given: Partial<Server> = {}): Server {
  return {
    id, server_name: `web-${id}`, ip_address: `10.0.0.${id}`, port: 22, status: 'online', tags: [], users: [],
    created_at: '2026-01-01 00:00:00', clock_skew: null, ...given,
  }
}
