import { expect, it } from 'vitest'
import { beginningOf } from './beginning'

it('says what began, not always that a threshold was crossed', () => {
  const kinds = ['threshold', 'forecast', 'range'] as const
  expect(kinds.map((kind) => beginningOf({ metric: 'disk', kind }))).toEqual(['began', 'foreseen', 'leftRange'])
  expect(['offline', 'up', 'unit:nginx.service'].map((metric) => beginningOf({ metric, kind: 'threshold' }))).toEqual([
    'lastReport',
    'turnedBad',
    'turnedBad',
  ])
})
