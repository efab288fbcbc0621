import type { Policy, PolicyKind } from '@/api/types'
import { inOrder } from '@/composables/metrics'
import { subjectOfScope } from '@/composables/subjects'

export interface MetricGroup {
  metric: string
  kind: PolicyKind
  /** In order of precedence: the first whose scope covers a server applies to it. */
  policies: Policy[]
}

const KINDS: PolicyKind[] = ['threshold', 'forecast', 'range']

/** What two policies have in common of which one goes before the other. */
export const keyOf = ({ metric, kind }: Pick<Policy, 'metric' | 'kind'>) => `${metric} ${kind}`

function rankOf({ scope }: Pick<Policy, 'scope'>): number {
  const kind = subjectOfScope(scope)?.kind
  if (kind !== undefined) return kind === 'server' ? 2 : 3
  return scope.tag ? 1 : 0
}

/** One group for each metric and kind. In a group the most specific scope is first, and of several tags the oldest policy. */
export function byMetric(policies: Policy[]): MetricGroup[] {
  const groups = new Map<string, Policy[]>()
  for (const policy of policies) {
    const key = keyOf(policy)
    groups.set(key, [...(groups.get(key) ?? []), policy])
  }
  return [...groups.values()]
    .map((own) => ({
      metric: own[0]!.metric,
      kind: own[0]!.kind,
      policies: own.sort((one, other) => rankOf(other) - rankOf(one) || one.id - other.id),
    }))
    .sort((one, other) => inOrder(one.metric, other.metric) || KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind))
}
