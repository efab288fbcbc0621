import type { Outlook, Policy } from '@/api/types'
import type { Line } from '@/components/chart/types'

/** A field that only policies of some kinds have. */
export interface OwnField {
  name: 'over' | 'within' | 'days' | 'beyond' | 'level'
  /** *percent*: shown in percent of what the value is a part of. */
  input: 'duration' | 'days' | 'percent' | 'level'
}

/**
 * What the screen knows of one kind of policy. Its *words* are the texts `kinds.<name>.…`. *name*. *title*: of a policy on
 * {metric}. *hint*: how it compares. *limit*: what fires, with {limit}, the threshold, and its own fields by name. *began*:
 * what began when an alert did. Each of its own fields, and `<field>Hint` where one helps. *chart*: what its lines are.
 * *clearHint*: when a kind without thresholds resolves.
 */
export interface KindOfPolicy {
  fields: OwnField[]
  hasThresholds: boolean
  /** Thresholds to begin with; undefined: those that the metric usually has. */
  thresholdsFor?: (metric: string) => { warning: number | null; critical: number | null } | undefined
  /** The dashed lines of what it sees; none while it knows too little. Without it, it compares each value alone. */
  linesOf?: (outlook: Outlook) => Line[]
  words: Record<'en' | 'zh-CN', Record<string, string>>
}

export type OwnValues = { [name in OwnField['name']]: NonNullable<Policy[name]> }
