import { expect, test } from 'vitest'
import { expiryOf, isChosen } from './tokenExpiry'

const NOW = Date.UTC(2030, 0, 1, 12)

test.each([
  ['30', null, '2030-01-31 12:00:00'],
  ['365', null, '2031-01-01 12:00:00'],
  ['never', new Date(NOW), null],
  ['until', new Date(Date.UTC(2030, 5, 1)), '2030-06-01 00:00:00'],
  ['until', null, null],
] as const)('a token that lives %s (%s) expires at %s', (life, until, expected) => {
  expect(expiryOf(life, until, NOW)).toBe(expected)
})

test('a time has to be chosen, so that a token without one does not live for ever', () => {
  expect(isChosen('until', null)).toBe(false)
  expect(isChosen('until', new Date())).toBe(true)
  expect(isChosen('never', null)).toBe(true)
})
