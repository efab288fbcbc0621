import { describe, expect, it } from 'vitest'
import { aPolicy } from '@/testing/aPolicy'
import { byMetric } from './policyGroups'

describe('policies by metric', () => {
  it('have the metrics in the order of the catalogue, then the others by name', () => {
    const metrics = ['zfs_errors', 'disk', 'cpu', 'load1', 'offline']
    const groups = byMetric(metrics.map((metric, id) => aPolicy({ id, metric })))
    expect(groups.map(({ metric }) => metric)).toEqual(['cpu', 'disk', 'offline', 'load1', 'zfs_errors'])
  })

  it('have a group for each kind', () => {
    const groups = byMetric([aPolicy({ kind: 'forecast' }), aPolicy({}), aPolicy({ metric: 'memory' })])
    expect(groups.map(({ metric, kind }) => `${metric} ${kind}`)).toEqual([
      'cpu threshold',
      'cpu forecast',
      'memory threshold',
    ])
  })

  it('have the precedence that the server gives them', () => {
    const [group] = byMetric([aPolicy({ id: 1, place: 3 }), aPolicy({ id: 2, place: 1 }), aPolicy({ id: 3, place: 2 })])
    expect(group?.policies.map(({ id }) => id)).toEqual([2, 3, 1])
  })
})
