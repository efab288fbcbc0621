import { expect, it } from 'vitest'
import { moved } from './moved'

it.each([
  [0, 1, [2, 1, 3]],
  [2, 1, [1, 3, 2]],
  [0, 2, [2, 3, 1]],
  [2, 0, [3, 1, 2]],
])('moves what is at %i to %i, in a list of its own', (from, to, order) => {
  const list = [1, 2, 3]
  expect(moved(list, from, to)).toEqual(order)
  expect(list).toEqual([1, 2, 3])
})
