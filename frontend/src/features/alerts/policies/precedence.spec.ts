import { describe, expect, it } from 'vitest'
import type { Policy } from '@/api/types'
import { covers } from '@/composables/scopes'
import { POLICIES, SERVERS } from '@/testing/policyCases'
import { byMetric } from './precedence'

const policy = (id: number, metric: string, scope: Policy['scope'] = {}, enabled = true): Policy => ({
  id,
  metric,
  scope,
  enabled,
  warning: 70,
  critical: 85,
  direction: 'above',
  sustained_for: 300,
  clear_margin: 5,
  clear_for: 60,
  kind: 'threshold',
  over: null,
  within: null,
  days: null,
  beyond: null,
  level: null,
  note: '',
})
const [ordered] = byMetric(POLICIES.map(({ id, scope }) => policy(id, 'cpu', scope)))

describe('policies by metric', () => {
  it('have the metrics in the order of the catalogue, then the others by name', () => {
    const groups = byMetric([
      policy(1, 'zfs_errors'),
      policy(2, 'disk'),
      policy(3, 'cpu'),
      policy(4, 'load1'),
      policy(5, 'offline'),
    ])
    expect(groups.map(({ metric }) => metric)).toEqual(['cpu', 'disk', 'offline', 'load1', 'zfs_errors'])
  })

  it('have a group for each kind', () => {
    const forecast = { ...policy(2, 'cpu'), kind: 'forecast' as const }
    expect(
      byMetric([forecast, policy(1, 'cpu'), policy(3, 'memory')]).map(({ metric, kind }) => `${metric} ${kind}`),
    ).toEqual(['cpu threshold', 'cpu forecast', 'memory threshold'])
  })

  it.each(SERVERS)('have the precedence that the server gives them: $id', ({ policies, ...server }) => {
    expect(ordered?.policies.filter(({ scope }) => covers(scope, server)).map(({ id }) => id)).toEqual(policies)
  })
})
