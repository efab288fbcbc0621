import { expect, it } from 'vitest'
import type { Noise } from '@/api/types'
import { editedBy, suggestedIn } from './suggestions'

const row = {
  policy_id: 7,
  suggestion: { change: { warning: 75, critical: null, sustained_for: 600 } },
} as unknown as Noise

it('goes through the address into the form', () => {
  const target = editedBy(row) as { name: string; params: object; query: Record<string, string> }
  expect([target.name, target.params]).toEqual(['policy', { id: 7 }])
  expect(suggestedIn(target.query)).toEqual({ warning: 75, critical: null, sustained_for: 600 })
})

it('takes nothing that is no number of a policy', () => {
  expect(suggestedIn({ warning: 'high', metric: 'cpu', sustained_for: '', days: '7' })).toEqual({})
})
