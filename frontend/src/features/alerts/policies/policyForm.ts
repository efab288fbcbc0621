import { POLICY_DEFAULTS } from '@/api/policyDefaults'
import type { Level, NewPolicy, Policy, PolicyChange, PolicyKind, Scope } from '@/api/types'
import { badValue, isYesOrNo, unitOf } from '@/composables/metrics'
import { EVERYTHING, subjectOfScope } from '@/composables/subjects'
import type { Thresholds } from './clearMargin'
import { defaultMargin } from './clearMargin'

export const OFFLINE = 'offline'
/** The longest period of a backtest. */
export const MOST_DAYS = 400
export const LONGEST_NOTE = 5_000

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
  kind: PolicyKind
  /** Of a forecast: seconds through which its line is drawn, and within which it has to reach a threshold. */
  over: number
  within: number
  /** Of a range: the days that it spans, how far outside a value has to be (a part of the span), and its level. */
  days: number
  beyond: number
  level: Level
  /** What to do, in Markdown. */
  note: string
}

const { over, within, days, beyond } = POLICY_DEFAULTS
const OPTIONS = { threshold: [], forecast: ['over', 'within'], range: ['days', 'beyond', 'level'] } as const
const NO_OPTIONS = { over: null, within: null, days: null, beyond: null, level: null }

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
    kind: 'threshold',
    over,
    within,
    days,
    beyond,
    level: 'warning',
    note: '',
  }
}

export function valuesOf(policy: Policy): PolicyValues {
  const { metric, warning, critical, direction, sustained_for, clear_for, scope, enabled } = policy
  const whole = { ...EVERYTHING, ...scope }
  const clear_margin = policy.clear_margin === defaultMargin(policy) ? null : policy.clear_margin
  const options = {
    over: policy.over ?? over,
    within: policy.within ?? within,
    days: policy.days ?? days,
    beyond: policy.beyond ?? beyond,
    level: policy.level ?? 'warning',
  }
  return {
    metric,
    warning,
    critical,
    direction,
    sustained_for,
    clear_margin,
    clear_for,
    scope: whole,
    enabled,
    kind: policy.kind,
    ...options,
    note: policy.note,
  }
}

/** A copy for a server, or without one: a scope has one policy of a kind for each metric. */
export function copyOf(policy: Policy, server_id = 0): PolicyValues {
  return { ...valuesOf(policy), scope: { ...EVERYTHING, server_id } }
}

/** The default thresholds of a metric. A forecast of percents warns of what will be full, as the built-in one of disks. */
export function thresholdsFor(
  metric: string,
  kind: PolicyKind = 'threshold',
): Pick<PolicyValues, 'warning' | 'critical' | 'direction' | 'clear_margin'> {
  if (isYesOrNo(metric))
    return { warning: null, critical: HALF, direction: badValue(metric) === 1 ? 'above' : 'below', clear_margin: null }
  if (kind === 'range') return { warning: null, critical: null, direction: 'above', clear_margin: null }
  if (kind === 'forecast' && unitOf(metric) === 'percent')
    return { warning: 100, critical: null, direction: 'above', clear_margin: null }
  const usual: Record<string, (number | null)[]> = { ...POLICY_DEFAULTS.thresholds, ...OF_CHECKS }
  const [warning = null, critical = null] = usual[metric.split(':')[0] ?? metric] ?? []
  const direction = BETTER_HIGH.test(metric) ? 'below' : 'above'
  return { warning, critical, direction, clear_margin: null }
}

/** The request's body. "offline" has no thresholds. */
export function toNewPolicy(values: PolicyValues): NewPolicy {
  const thresholds = values.metric === OFFLINE ? { warning: null, critical: null } : {}
  const options = { ...NO_OPTIONS, ...Object.fromEntries(OPTIONS[values.kind].map((name) => [name, values[name]])) }
  const margin = values.kind === 'range' ? 0 : (values.clear_margin ?? defaultMargin(values))
  return { ...values, ...thresholds, ...options, clear_margin: margin, scope: { ...values.scope } }
}

/** Only the changes from *before*, to keep what another user changed in the meantime. */
export function toChange(values: PolicyValues, before: Policy): PolicyChange {
  const was = toNewPolicy(valuesOf(before))
  const now = toNewPolicy(values)
  const names = Object.keys(now) as (keyof NewPolicy)[]
  return Object.fromEntries(
    names.filter((name) => JSON.stringify(now[name]) !== JSON.stringify(was[name])).map((name) => [name, now[name]]),
  )
}

/** The policy to backtest, as if enabled. Null while something is missing. */
export function toBacktest(values: PolicyValues): NewPolicy | null {
  const isUnscoped = subjectOfScope(values.scope)?.id === 0 || values.scope.tag === ''
  if (values.metric === '' || isUnscoped) return null
  if (values.metric !== OFFLINE && values.kind !== 'range' && values.warning === null && values.critical === null)
    return null
  return { ...toNewPolicy(values), enabled: true }
}
