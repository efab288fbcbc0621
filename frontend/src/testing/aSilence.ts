import type { Silence } from '@/api/types'

/** A silence as the list has it, of everything and past. */
export function aListedSilence(more: Partial<Silence> = {}): Silence {
  return {
    id: 1,
    scope: {},
    metric: null,
    starts_at: '2026-11-01 00:00:00',
    ends_at: '2026-11-01 02:00:00',
    reason: '',
    recurrence: null,
    active: false,
    windows: [],
    readable: true,
    may_change: true,
    created_by: 'ann',
    created_at: '2026-11-01 00:00:00',
    ...more,
  }
}
