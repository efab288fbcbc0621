import { expect, test } from 'vitest'
import { defaultMargin } from './clearMargin'

/** The server's tests have the same table. */
test.each([
  ['cpu', 70, 85, 'above', 5],
  ['disk:/var', null, 95, 'above', 5],
  ['swap', 5.01, null, 'above', 5],
  ['cpu', 5, 50, 'above', 2.5],
  ['cpu', 0, 50, 'above', 0],
  ['memory', 20, 10, 'below', 5],
  ['memory', 98, 10, 'below', 1],
  ['load1', 2, 4, 'above', 0.2],
  ['load1', 0.1, 0.4, 'above', 0.03],
  ['load1', null, 4, 'above', 0.4],
  ['load1', 1, 100, 'above', 0.5],
  ['net_rx', 2e6, null, 'above', 2e5],
  ['temperature', -10, null, 'below', 1],
  ['temperature', -10, 30, 'above', 4],
  ['queue', 1, 100, 'above', 9.9],
  ['queue', 0, null, 'above', 0],
  ['load1', null, null, 'above', null],
  ['cpu', 101, null, 'below', 0],
] as const)('%s at %s and %s, %s: %s', (metric, warning, critical, direction, margin) => {
  expect(defaultMargin({ metric, warning, critical, direction })).toBe(margin)
})
