import type { Policy, Server } from '@/api/types'
import { inOrder } from '@/composables/metrics'
import { covers, isOfServer } from '@/composables/scopes'

export interface MetricGroup {
  metric: string
  /** In order of precedence: the first whose scope covers a server applies to it. */
  policies: Policy[]
}

function rankOf({ scope }: Pick<Policy, 'scope'>): number {
  return isOfServer(scope) ? 2 : scope.tag ? 1 : 0
}

/** One group for each metric. In a group the most specific scope is first, and of several tags the oldest policy. */
export function byMetric(policies: Policy[]): MetricGroup[] {
  const groups = new Map<string, Policy[]>()
  for (const policy of policies) groups.set(policy.metric, [...(groups.get(policy.metric) ?? []), policy])
  return [...groups]
    .map(([metric, own]) => ({ metric, policies: own.sort((one, other) => rankOf(other) - rankOf(one) || one.id - other.id) }))
    .sort((one, other) => inOrder(one.metric, other.metric))
}

/** To how many of *servers* each policy of a group applies, by its id. */
export function appliedCounts({ policies }: MetricGroup, servers: Pick<Server, 'id' | 'tags'>[]): Map<number, number> {
  const counts = new Map(policies.map((policy) => [policy.id, 0]))
  for (const server of servers) {
    const chosen = policies.find((policy) => covers(policy.scope, server))
    if (chosen !== undefined) counts.set(chosen.id, (counts.get(chosen.id) ?? 0) + 1)
  }
  return counts
}
