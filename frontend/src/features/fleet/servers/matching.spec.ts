import { describe, expect, it, test } from 'vitest'
import { aServer, aSilence } from '@/testing/aServer'
import type { Moving } from './facts'
import { fixedFacts, movingFacts } from './facts'
import type { Filter } from './matching'
import { isFiltered, matcher } from './matching'

const NO_FILTER: Filter = { q: '', tags: [], status: '', alerts: '', silenced: '' }
const server = aServer(7, { server_name: 'Web-7', ip_address: '2001:db8::7', tags: ['prod', 'EU'], users: [{ id: 1, username: 'Ann' }] })

function matches(filter: Partial<Filter>, moving: Partial<Moving> = {}): boolean {
  return matcher({ ...NO_FILTER, ...filter })(fixedFacts(server), { ...movingFacts(server, undefined, undefined), ...moving })
}

describe('the words looked for', () => {
  it.each(['', '   ', 'web', 'WEB-7', 'db8::7', 'eu', 'ann', 'ann  prod', 'web\u3000ann'])('"%s" finds it', (q) => {
    expect(matches({ q })).toBe(true)
  })

  it.each(['web-8', 'web bob', 'prodeu', '::7prod', '.*'])('"%s" does not: every word has to stand in one of its texts', (q) => {
    expect(matches({ q })).toBe(false)
  })
})

test('it has to have all the tags, written just so', () => {
  expect([['prod'], ['EU', 'prod'], ['prod', 'db'], ['eu'], ['pro']].map((tags) => matches({ tags }))).toEqual([true, true, false, false, false])
})

test.each([
  ['online', [true, false, false]],
  ['offline', [false, true, false]],
  ['never', [false, false, true]],
  ['', [true, true, true]],
  ['nonsense', [true, true, true]],
])('status "%s" of one online, one silent, one that never reported: %s', (status, found) => {
  const lastReport = '2026-01-01 00:00:00'
  const states: Partial<Moving>[] = [{ status: 'online', lastReport }, { status: 'offline', lastReport }, { status: 'offline', lastReport: null }]
  expect(states.map((moving) => matches({ status }, moving))).toEqual(found)
})

test.each([
  ['any', [false, true, true, true]],
  ['critical', [false, false, true, true]],
  ['warning', [false, true, false, true]],
  ['none', [true, false, false, false]],
  ['', [true, true, true, true]],
  ['nonsense', [true, true, true, true]],
])('alerts "%s" of one without, one warned, one critical, one both: %s', (alerts, found) => {
  const states = [[0, 0], [0, 1], [1, 0], [1, 1]] as const
  expect(states.map(([criticals, warnings]) => matches({ alerts }, { criticals, warnings }))).toEqual(found)
})

test.each([
  ['yes', [false, true]],
  ['no', [true, false]],
  ['', [true, true]],
  ['nonsense', [true, true]],
])('silenced "%s" of one that is not and one that is: %s', (silenced, found) => {
  const matching = matcher({ ...NO_FILTER, silenced })
  const servers = [server, { ...server, silenced: [aSilence()] }]
  expect(servers.map((each) => matching(fixedFacts(each), movingFacts(each, undefined, undefined)))).toEqual(found)
})

test('all conditions hold at once', () => {
  const filter = { q: 'web', tags: ['prod'], status: 'online', alerts: 'none' }
  expect([matches(filter), matches(filter, { warnings: 1 })]).toEqual([true, false])
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
