import type { Policy } from '@/api/types'
import { inOrder } from '@/composables/metrics'
import { subjectOfScope } from '@/composables/subjects'

export interface MetricGroup {
  metric: string
  /** In order of precedence: the first whose scope covers a server applies to it. */
  policies: Policy[]
}

function rankOf({ scope }: Pick<Policy, 'scope'>): number {
  const kind = subjectOfScope(scope)?.kind
  if (kind !== undefined) return kind === 'server' ? 2 : 3
  return scope.tag ? 1 : 0
}

/** One group for each metric. In a group the most specific scope is first, and of several tags the oldest policy. */
export function byMetric(policies: Policy[]): MetricGroup[] {
  const groups = new Map<string, Policy[]>()
  for (const policy of policies) groups.set(policy.metric, [...(groups.get(policy.metric) ?? []), policy])
  return [...groups]
    .map(([metric, own]) => ({ metric, policies: own.sort((one, other) => rankOf(other) - rankOf(one) || one.id - other.id) }))
    .sort((one, other) => inOrder(one.metric, other.metric))
}
