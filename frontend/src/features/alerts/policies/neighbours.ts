import type { Backtest } from '@/api/types'
import { KINDS } from '@/components/policy-kinds/known'
import type { PolicyValues } from './policyForm'

export type Neighbour = Backtest['sweep'][number]
export type Varied = (typeof VARIED)[number]

/** What the neighbours of a policy vary, one thing at a time. */
export const VARIED = ['warning', 'critical', 'sustained_for', 'clear_margin'] as const

/** What *neighbour* varies; undefined for the policy itself. */
export function variedBy(policy: Neighbour, neighbour: Neighbour): Varied | undefined {
  return VARIED.find((name) => policy[name] !== neighbour[name])
}

/** The changes to the form that make it *neighbour*. A margin that follows the thresholds goes on doing so. */
export function changesTo(neighbour: Neighbour, values: PolicyValues): Partial<PolicyValues> {
  const { warning, critical, sustained_for, clear_margin, usual_margin } = neighbour
  if (!KINDS[values.kind].hasThresholds) return { sustained_for }
  return { warning, critical, sustained_for, clear_margin: clear_margin === usual_margin ? null : clear_margin }
}
