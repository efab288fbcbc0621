import { expect, test } from 'vitest'
import { MARGINS } from '@/testing/policyCases'
import { defaultMargin } from './clearMargin'

test.each(MARGINS)(
  'the margin of %s at %s and %s, %s: as the server computes it',
  (metric, warning, critical, direction, margin) => {
    expect(defaultMargin({ metric, warning, critical, direction })).toBe(margin)
  },
)

test('there is no margin without a threshold', () => {
  expect(defaultMargin({ metric: 'load1', warning: null, critical: null, direction: 'above' })).toBeNull()
})
