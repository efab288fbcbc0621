import { describe, expect, it } from 'vitest'
import type { Escalation } from '@/api/oncall'
import { keyOf, targetOf } from '@/composables/targetKeys'
import { toEscalation, valuesOf, withStep } from './escalationForm'

const ESCALATION = {
  id: 1,
  name: 'Web',
  steps: [
    { after: 0, to: [{ rota_id: 3 }, { linked: true }] },
    { after: 600, to: [{ user_id: 5 }, { channel_id: 2 }, { team_id: 7 }] },
  ],
  repeat_after: 1_800,
  repeats: 2,
} as Escalation

describe('the form of an escalation', () => {
  it('sends it as it is', () => {
    const { name, steps, repeat_after, repeats } = ESCALATION
    expect(toEscalation(valuesOf(ESCALATION))).toEqual({ name, steps, repeat_after, repeats })
  })

  it('begins with one step, immediately, without a repetition', () =>
    expect(toEscalation(valuesOf())).toEqual({
      name: '',
      steps: [{ after: 0, to: [] }],
      repeat_after: null,
      repeats: 0,
    }))

  it('leaves the escalation as it is until it is sent', () => {
    valuesOf(ESCALATION).steps[0]!.to.push('linked')
    expect(ESCALATION.steps[0]!.to).toHaveLength(2)
  })

  it('adds a step ten minutes after the last one', () =>
    expect(withStep(valuesOf(ESCALATION).steps).map(({ after }) => after)).toEqual([0, 600, 1_200]))
})

it.each(['user_id:5', 'team_id:7', 'rota_id:3', 'channel_id:2', 'linked'])('the target %s has a key', (key) =>
  expect(keyOf(targetOf(key))).toBe(key),
)
