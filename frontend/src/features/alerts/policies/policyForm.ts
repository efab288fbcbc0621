import { POLICY_DEFAULTS } from '@/api/policyDefaults'
import type { ListedPolicy } from '@/api/policies'
import type { NewPolicy, PolicyChange, PolicyKind, Scope } from '@/api/types'
import type { OwnValues } from '@/components/policy-kinds/kind'
import { KINDS, USUAL } from '@/components/policy-kinds/known'
import { badValue, isYesOrNo } from '@/composables/metrics'
import { EVERYTHING, subjectOfScope } from '@/composables/subjects'

export const OFFLINE = 'offline'
/** The longest period of a backtest. */
export const MOST_DAYS = 400
export const LONGEST_NOTE = 5_000

/** Metrics that alert when too low. */
const BETTER_HIGH = /free|avail|idle|uptime|remaining|battery|cert_days$/
/** Between the two values of a metric that is good or bad. */
const HALF = 0.5
/** On these depends the margin that the server gives a policy without one. */
const MARGIN_FOLLOWS = ['metric', 'kind', 'warning', 'critical', 'direction'] as const

/** The fields of all kinds, of which a policy has those of its own kind. */
export interface PolicyValues extends OwnValues {
  metric: string
  warning: number | null
  critical: number | null
  direction: 'above' | 'below'
  sustained_for: number
  /** Null: the default, which follows the thresholds. */
  clear_margin: number | null
  clear_for: number
  scope: Scope
  enabled: boolean
  kind: PolicyKind
  /** What to do, in Markdown. */
  note: string
  /** Null: that of the server's teams. */
  escalation_id: number | null
}

const OWN_VALUES: OwnValues = POLICY_DEFAULTS.own
const OWN_NAMES = Object.keys(OWN_VALUES) as (keyof OwnValues)[]

/** A new policy with the default values. */
export function blankPolicy(scope: Scope): PolicyValues {
  const { sustained_for, clear_for } = POLICY_DEFAULTS
  return {
    metric: 'cpu',
    ...thresholdsFor('cpu'),
    sustained_for,
    clear_for,
    scope,
    enabled: true,
    kind: USUAL,
    ...OWN_VALUES,
    note: '',
    escalation_id: null,
  }
}

export function valuesOf(policy: ListedPolicy): PolicyValues {
  const { metric, warning, critical, direction, sustained_for, clear_for, scope, enabled, kind, note, escalation_id } =
    policy
  const own = Object.fromEntries(OWN_NAMES.map((name) => [name, policy[name] ?? OWN_VALUES[name]]))
  return {
    metric,
    warning,
    critical,
    direction,
    sustained_for,
    clear_margin: policy.clear_margin === policy.usual_margin ? null : policy.clear_margin,
    clear_for,
    scope: { ...EVERYTHING, ...scope },
    enabled,
    kind,
    ...(own as unknown as OwnValues),
    note,
    escalation_id,
  }
}

/** A copy for a server, or without one: a scope has one policy of a kind for each metric. */
export function copyOf(policy: ListedPolicy, server_id = 0): PolicyValues {
  return { ...valuesOf(policy), scope: { ...EVERYTHING, server_id } }
}

/** The default thresholds of a metric, and those that suit a kind. */
export function thresholdsFor(
  metric: string,
  kind: PolicyKind = USUAL,
): Pick<PolicyValues, 'warning' | 'critical' | 'direction' | 'clear_margin'> {
  if (isYesOrNo(metric))
    return { warning: null, critical: HALF, direction: badValue(metric) === 1 ? 'above' : 'below', clear_margin: null }
  const { hasThresholds, thresholdsFor: ofKind } = KINDS[kind]
  if (!hasThresholds) return { warning: null, critical: null, direction: 'above', clear_margin: null }
  const suiting = ofKind?.(metric)
  if (suiting !== undefined) return { ...suiting, direction: 'above', clear_margin: null }
  const usual: Record<string, readonly number[]> = POLICY_DEFAULTS.thresholds
  const [warning = null, critical = null] = usual[metric.split(':')[0] ?? metric] ?? []
  return { warning, critical, direction: BETTER_HIGH.test(metric) ? 'below' : 'above', clear_margin: null }
}

/** The request's body. "offline" has no thresholds. */
export function toNewPolicy(values: PolicyValues): NewPolicy {
  const thresholds = values.metric === OFFLINE ? { warning: null, critical: null } : {}
  const own = KINDS[values.kind].fields.map(({ name }) => name)
  const others = Object.fromEntries(OWN_NAMES.filter((name) => !own.includes(name)).map((name) => [name, null]))
  return { ...values, ...thresholds, ...others, scope: { ...values.scope } }
}

/** Only the changes from *before*, to keep what another user changed in the meantime; a margin that follows them too. */
export function toChange(values: PolicyValues, before: ListedPolicy): PolicyChange {
  const was = toNewPolicy(valuesOf(before))
  const now = toNewPolicy(values)
  const names = Object.keys(now) as (keyof NewPolicy)[]
  const changed = names.filter((name) => JSON.stringify(now[name]) !== JSON.stringify(was[name]))
  const follows = now.clear_margin === null && MARGIN_FOLLOWS.some((name) => changed.includes(name))
  return Object.fromEntries(
    [...changed, ...(follows ? ['clear_margin' as const] : [])].map((name) => [name, now[name]]),
  )
}

/** The policy to backtest, as if enabled. Null while something is missing. */
export function toBacktest(values: PolicyValues): NewPolicy | null {
  const isUnscoped = subjectOfScope(values.scope)?.id === 0 || values.scope.tag === ''
  if (values.metric === '' || isUnscoped || lacksThresholds(values)) return null
  return { ...toNewPolicy(values), enabled: true }
}

/** True while no threshold is given to a policy that needs one. */
export function lacksThresholds({ metric, kind, warning, critical }: PolicyValues): boolean {
  return metric !== OFFLINE && KINDS[kind].hasThresholds && warning === null && critical === null
}
