import type { ListedPolicy } from '@/api/policies'
import type { PolicyKind } from '@/api/types'
import { KIND_NAMES } from '@/components/policy-kinds/known'
import { inOrder } from '@/composables/metrics'

export interface MetricGroup {
  metric: string
  kind: PolicyKind
  /** In order of precedence: the first whose scope covers a server applies to it. */
  policies: ListedPolicy[]
}

/** One group for each metric and kind. */
export function byMetric(policies: ListedPolicy[]): MetricGroup[] {
  const groups = new Map<string, MetricGroup>()
  for (const policy of policies.toSorted((one, other) => one.place - other.place)) {
    const { metric, kind } = policy
    const group = groups.get(`${metric} ${kind}`) ?? { metric, kind, policies: [] }
    groups.set(`${metric} ${kind}`, { ...group, policies: [...group.policies, policy] })
  }
  return [...groups.values()].sort(
    (one, other) => inOrder(one.metric, other.metric) || KIND_NAMES.indexOf(one.kind) - KIND_NAMES.indexOf(other.kind),
  )
}
