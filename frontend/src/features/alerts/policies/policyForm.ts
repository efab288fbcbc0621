import { POLICY_DEFAULTS } from '@/api/policyDefaults'
import type { NewPolicy, Policy, PolicyChange, Scope } from '@/api/types'
import { badValue, isYesOrNo } from '@/composables/metrics'
import { EVERYTHING, subjectOfScope } from '@/composables/subjects'
import type { Thresholds } from './clearMargin'
import { defaultMargin } from './clearMargin'

export const OFFLINE = 'offline'
/** The longest period of a backtest. */
export const MOST_DAYS = 400

/** Metrics that alert when too low. */
const BETTER_HIGH = /free|avail|idle|uptime|remaining|battery|cert_days$/
/** As those of the built-in policies. */
const OF_CHECKS = { cert_days: [14, 3], ms: [1_000, 3_000] }
/** Between the two values of a metric that is good or bad. */
const HALF = 0.5

export interface PolicyValues extends Thresholds {
  sustained_for: number
  /** Null: the default, which follows the thresholds. */
  clear_margin: number | null
  clear_for: number
  scope: Scope
  enabled: boolean
}

/** A new policy with the default values. */
export function blankPolicy(scope: Scope): PolicyValues {
  const { sustained_for, clear_for } = POLICY_DEFAULTS
  return { metric: 'cpu', ...thresholdsFor('cpu'), sustained_for, clear_for, scope, enabled: true }
}

export function valuesOf(policy: Policy): PolicyValues {
  const { metric, warning, critical, direction, sustained_for, clear_for, scope, enabled } = policy
  const whole = { ...EVERYTHING, ...scope }
  const clear_margin = policy.clear_margin === defaultMargin(policy) ? null : policy.clear_margin
  return { metric, warning, critical, direction, sustained_for, clear_margin, clear_for, scope: whole, enabled }
}

/** A copy without a server: a scope has one policy for each metric. */
export function copyOf(policy: Policy): PolicyValues {
  return { ...valuesOf(policy), scope: { ...EVERYTHING, server_id: 0 } }
}

/** The default thresholds of a metric. */
export function thresholdsFor(metric: string): Pick<PolicyValues, 'warning' | 'critical' | 'direction' | 'clear_margin'> {
  if (isYesOrNo(metric)) return { warning: null, critical: HALF, direction: badValue(metric) === 1 ? 'above' : 'below', clear_margin: null }
  const usual: Record<string, (number | null)[]> = { ...POLICY_DEFAULTS.thresholds, ...OF_CHECKS }
  const [warning = null, critical = null] = usual[metric.split(':')[0] ?? metric] ?? []
  const direction = BETTER_HIGH.test(metric) ? 'below' : 'above'
  return { warning, critical, direction, clear_margin: null }
}

/** The request's body. "offline" has no thresholds. */
export function toNewPolicy(values: PolicyValues): NewPolicy {
  const thresholds = values.metric === OFFLINE ? { warning: null, critical: null } : {}
  return { ...values, ...thresholds, clear_margin: values.clear_margin ?? defaultMargin(values), scope: { ...values.scope } }
}

/** Only the changes from *before*, to keep what another user changed in the meantime. */
export function toChange(values: PolicyValues, before: Policy): PolicyChange {
  const was = toNewPolicy(valuesOf(before))
  const now = toNewPolicy(values)
  const names = Object.keys(now) as (keyof NewPolicy)[]
  return Object.fromEntries(names.filter((name) => JSON.stringify(now[name]) !== JSON.stringify(was[name])).map((name) => [name, now[name]]))
}

/** The policy to backtest, as if enabled. Null while something is missing. */
export function toBacktest(values: PolicyValues): NewPolicy | null {
  const isUnscoped = subjectOfScope(values.scope)?.id === 0 || values.scope.tag === ''
  if (values.metric === '' || isUnscoped) return null
  if (values.metric !== OFFLINE && values.warning === null && values.critical === null) return null
  return { ...toNewPolicy(values), enabled: true }
}
