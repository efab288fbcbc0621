import type { Check } from '@/api/checks'
import type { Policy, Server } from '@/api/types'
import { METRICS_OF } from '@/composables/metrics'
import { subjectOfScope } from '@/composables/subjects'

type CheckMetric = (typeof METRICS_OF)[keyof typeof METRICS_OF][number]

/** The policy that applies to a metric; undefined for the built-in rule, and null if there is neither. */
export interface Rule {
  metric: CheckMetric
  policy: Policy | undefined | null
}

const BUILT_IN: CheckMetric[] = ['up', 'cert_days', 'check_in']

/** How narrowly *scope* covers this check of *kind*; 0: not at all. One for its server covers it too. */
function rankOf(
  { scope, id: policyId }: Policy,
  kind: 'check' | 'check_in',
  id: number,
  host: Pick<Server, 'id' | 'tags'> | undefined,
): [number, number] {
  const subject = subjectOfScope(scope)
  if (subject !== undefined) {
    if (subject.kind === 'server') return [subject.id === host?.id ? 3 : 0, -policyId]
    return [subject.kind === kind && subject.id === id ? 4 : 0, -policyId]
  }
  if (scope.tag) return [host?.tags.includes(scope.tag) ? 2 : 0, -policyId]
  return [1, -policyId]
}

/** The rule for each metric of a check or check-in. *host*: the server that it belongs to. */
export function rulesOf(
  kind: 'check' | 'check_in',
  { id }: Pick<Check, 'id'>,
  host: Pick<Server, 'id' | 'tags'> | undefined,
  policies: Policy[],
): Rule[] {
  return METRICS_OF[kind].map((metric) => {
    const covering = policies
      .filter((policy) => policy.metric === metric)
      .map((policy) => ({ policy, rank: rankOf(policy, kind, id, host) }))
      .filter(({ rank }) => rank[0] > 0)
    const [first] = covering.sort((one, other) => other.rank[0] - one.rank[0] || other.rank[1] - one.rank[1])
    return { metric, policy: first?.policy ?? (BUILT_IN.includes(metric) ? undefined : null) }
  })
}
