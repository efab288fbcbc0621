import { expect, test } from 'vitest'
import { isOutage } from './useOutages'

test.each([
  [5, 5_000, true],
  [4, 5_000, false],
  [4, 40, true],
  [3, 40, false],
  [1, 1, false],
])('%i of %i servers are a mass outage: %s', (server_count, total, expected) => {
  expect(isOutage({ server_count }, total)).toBe(expected)
})
