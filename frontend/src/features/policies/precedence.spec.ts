import { describe, expect, it } from 'vitest'
import type { Policy } from '@/api/types'
import { byMetric, decided } from './precedence'

const policy = (id: number, metric: string, scope: Policy['scope'] = {}, enabled = true): Policy => ({
  id, metric, scope, enabled, warning: 70, critical: 85, direction: 'above', sustained_for: 300, clear_margin: 5, clear_for: 60,
})
const ids = (policies: Policy[]) => policies.map(({ id }) => id)

describe('policies by metric', () => {
  it('shows offline and the three metrics of every agent first, then the others by name', () => {
    const groups = byMetric([policy(1, 'zfs_errors'), policy(2, 'disk'), policy(3, 'cpu'), policy(4, 'load1'), policy(5, 'offline')])
    expect(groups.map(({ metric }) => metric)).toEqual(['offline', 'cpu', 'disk', 'load1', 'zfs_errors'])
  })

  it('puts the most specific first, and among tags the one made first', () => {
    const group = byMetric([policy(1, 'cpu'), policy(5, 'cpu', { tag: 'web' }), policy(3, 'cpu', { tag: 'db' }), policy(9, 'cpu', { server_id: 4 })])[0]
    expect(ids(group?.policies ?? [])).toEqual([9, 3, 5, 1])
  })
})

describe('who decides', () => {
  const [group] = byMetric([policy(1, 'cpu'), policy(2, 'cpu', { tag: 'db' }), policy(3, 'cpu', { tag: 'web' }, false), policy(4, 'cpu', { server_id: 40 })])
  const servers = [
    { id: 10, tags: [] },
    { id: 20, tags: ['web', 'db'] },
    { id: 30, tags: ['web'] },
    { id: 40, tags: ['db'] },
  ]

  it('is one policy for each server, the first that covers it', () => {
    expect(group && [...decided(group, servers)]).toEqual([[4, 1], [2, 1], [3, 1], [1, 1]])
  })

  it('is nobody where no scope covers it', () => {
    const [narrow] = byMetric([policy(2, 'cpu', { tag: 'db' })])
    expect(narrow && [...decided(narrow, servers)]).toEqual([[2, 2]])
  })
})
