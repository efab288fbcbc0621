import { POLICY_DEFAULTS } from '@/api/policyDefaults'
import type { NewPolicy, Policy, PolicyChange, Scope } from '@/api/types'
import type { Thresholds } from './clearMargin'
import { defaultMargin } from './clearMargin'

export const OFFLINE = 'offline'
/** What a backtest may look back. */
export const MOST_DAYS = 400

/** Metrics that are better high: a threshold on them is a floor. */
const BETTER_HIGH = /free|avail|idle|uptime|remaining|battery/

export interface PolicyValues extends Thresholds {
  sustained_for: number
  /** Null: the default, which follows the thresholds. */
  clear_margin: number | null
  clear_for: number
  scope: Scope
  enabled: boolean
}

/** The product's own defaults; *scope* is what its maker may choose first. */
export function blankPolicy(scope: Scope): PolicyValues {
  const { sustained_for, clear_for } = POLICY_DEFAULTS
  return { metric: 'cpu', ...thresholdsFor('cpu'), sustained_for, clear_for, scope, enabled: true }
}

export function valuesOf(policy: Policy): PolicyValues {
  const { metric, warning, critical, direction, sustained_for, clear_for, scope, enabled } = policy
  const whole = { tag: scope.tag ?? null, server_id: scope.server_id ?? null }
  const clear_margin = policy.clear_margin === defaultMargin(policy) ? null : policy.clear_margin
  return { metric, warning, critical, direction, sustained_for, clear_margin, clear_for, scope: whole, enabled }
}

/** The same for others: one scope has one policy for a metric, so the server is still to be chosen. */
export function copyOf(policy: Policy): PolicyValues {
  return { ...valuesOf(policy), scope: { tag: null, server_id: 0 } }
}

/** What another metric begins with: thresholds of one mean nothing for another. */
export function thresholdsFor(metric: string): Pick<PolicyValues, 'warning' | 'critical' | 'direction' | 'clear_margin'> {
  const usual: Record<string, number[]> = POLICY_DEFAULTS.thresholds
  const [warning = null, critical = null] = usual[metric.split(':')[0] ?? metric] ?? []
  const direction = BETTER_HIGH.test(metric) ? 'below' : 'above'
  return { warning, critical, direction, clear_margin: null }
}

/** As the API takes it: "offline" has no thresholds. */
export function toNewPolicy(values: PolicyValues): NewPolicy {
  const thresholds = values.metric === OFFLINE ? { warning: null, critical: null } : {}
  return { ...values, ...thresholds, clear_margin: values.clear_margin ?? defaultMargin(values), scope: { ...values.scope } }
}

/** Only what is different from *before*, so that what somebody else changed meanwhile stays. */
export function toChange(values: PolicyValues, before: Policy): PolicyChange {
  const was = toNewPolicy(valuesOf(before))
  const now = toNewPolicy(values)
  const names = Object.keys(now) as (keyof NewPolicy)[]
  return Object.fromEntries(names.filter((name) => JSON.stringify(now[name]) !== JSON.stringify(was[name])).map((name) => [name, now[name]]))
}

/** What a backtest can run on; null while something needed is missing. It is asked for, whether or not it is enabled. */
export function toBacktest(values: PolicyValues): NewPolicy | null {
  const isUnscoped = values.scope.server_id === 0 || values.scope.tag === ''
  if (values.metric === '' || isUnscoped) return null
  if (values.metric !== OFFLINE && values.warning === null && values.critical === null) return null
  return { ...toNewPolicy(values), enabled: true }
}
