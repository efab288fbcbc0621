import type { ListedPolicy } from '@/api/policies'

/** A policy on CPU for everything, as the list has it. */
export function aPolicy(more: Partial<ListedPolicy> = {}): ListedPolicy {
  return {
    id: 3,
    metric: 'cpu',
    warning: 70,
    critical: 85,
    direction: 'above',
    sustained_for: 300,
    clear_margin: 5,
    clear_for: 60,
    scope: {},
    enabled: true,
    kind: 'threshold',
    over: null,
    within: null,
    days: null,
    beyond: null,
    level: null,
    note: '',
    escalation_id: null,
    policy_id: 3,
    servers: 1,
    may_change: true,
    place: 1,
    usual_margin: 5,
    ...more,
  }
}
