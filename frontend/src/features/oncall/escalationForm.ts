import type { Escalation, NewEscalation } from '@/api/oncall'
import { keyOf, targetOf } from '@/composables/targetKeys'

/** What a target is named by; "linked" has no id. */
export const TARGET_KINDS = ['user_id', 'team_id', 'rota_id', 'channel_id', 'linked'] as const
export type TargetKind = (typeof TARGET_KINDS)[number]

interface StepValues {
  after: number
  /** Keys of targets, such as "rota_id:3". */
  to: string[]
}

export interface EscalationValues {
  name: string
  steps: StepValues[]
  isRepeated: boolean
  repeat_after: number
  repeats: number
}

const STEP_SECONDS = 600

/** The values of a form: those of *escalation*, or of a new one with a single step. */
export function valuesOf(escalation?: Escalation): EscalationValues {
  return {
    name: escalation?.name ?? '',
    steps: escalation?.steps.map(({ after, to }) => ({ after, to: to.map(keyOf) })) ?? [{ after: 0, to: [] }],
    isRepeated: typeof escalation?.repeat_after === 'number',
    repeat_after: escalation?.repeat_after ?? STEP_SECONDS,
    repeats: Math.max(1, escalation?.repeats ?? 1),
  }
}

/** The whole escalation, as it is sent. */
export function toEscalation({ name, steps, isRepeated, repeat_after, repeats }: EscalationValues): NewEscalation {
  return {
    name,
    steps: steps.map(({ after, to }) => ({ after, to: to.map(targetOf) })),
    repeat_after: isRepeated ? repeat_after : null,
    repeats: isRepeated ? repeats : 0,
  }
}

/** *steps* and one more, ten minutes after the last one. */
export function withStep(steps: StepValues[]): StepValues[] {
  const last = Math.max(-STEP_SECONDS, ...steps.map(({ after }) => after))
  return [...steps, { after: last + STEP_SECONDS, to: [] }]
}
