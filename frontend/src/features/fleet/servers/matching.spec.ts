import { expect, test } from 'vitest'
import type { Filter } from './matching'
import { ALERTS, isFiltered, SILENCED, STATUSES, toQuery } from './matching'

const NO_FILTER: Filter = { q: '', tags: [], status: '', alerts: '', silenced: '' }

test('all that is chosen is asked for', () => {
  const filter = { q: 'web', tags: ['prod', 'EU'], status: 'never', alerts: 'critical', silenced: 'no' }
  expect(toQuery(filter)).toEqual({
    q: 'web',
    tag: ['prod', 'EU'],
    status: 'never',
    alerts: 'critical',
    silenced: 'no',
  })
})

test.each([
  ...STATUSES.map((status) => ({ status })),
  ...ALERTS.map((alerts) => ({ alerts })),
  ...SILENCED.map((silenced) => ({ silenced })),
])('%o is known', (given) => {
  expect(toQuery({ ...NO_FILTER, ...given })).toMatchObject(given)
})

test.each([
  ['status', 'up'],
  ['status', 'Online'],
  ['alerts', 'all'],
  ['silenced', 'true'],
  ['silenced', ''],
])('%s "%s" of an address is left out', (key, written) => {
  expect(toQuery({ ...NO_FILTER, [key]: written })).toEqual({ q: '', tag: [] })
})

test.each([
  ['  web 7 ', 'web 7'],
  ['\u3000web', 'web'],
  ['   ', ''],
])('the words "%s" are asked for as "%s"', (q, asked) => {
  expect(toQuery({ ...NO_FILTER, q }).q).toBe(asked)
})

test.each<[Partial<Filter>, boolean]>([
  [{}, false],
  [{ q: ' ' }, false],
  [{ q: 'a' }, true],
  [{ tags: ['a'] }, true],
  [{ status: 'never' }, true],
  [{ alerts: 'none' }, true],
  [{ silenced: 'no' }, true],
])('%o narrows the list: %s', (filter, is) => {
  expect(isFiltered({ ...NO_FILTER, ...filter })).toBe(is)
})
