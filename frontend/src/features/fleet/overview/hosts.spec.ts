import { expect, test } from 'vitest'
import { isSort, SORTS, toServerSort } from './hosts'

test('by a metric the fullest comes first', () => {
  expect(SORTS.map(toServerSort)).toEqual(['trouble', 'name', '-cpu', '-memory', '-disk'])
})

test('an address may have anything typed into it', () => {
  expect(['trouble', '-cpu', 'colour', ''].map(isSort)).toEqual([true, false, false, false])
})
