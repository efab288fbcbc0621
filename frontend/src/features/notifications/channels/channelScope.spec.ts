import { expect, it } from 'vitest'
import type { Channel } from '@/api/types'
import { emptyScope, isComplete, kindOfScope, knownScope, SCOPE_KINDS } from './channelScope'

it.each([
  [{}, 'everything'],
  [{ tag: 'web' }, 'tag'],
  [{ tag: null, team_id: 3, server_ids: null }, 'team'],
  [{ server_ids: [] }, 'servers'],
  [{ check_ids: [4, 5] }, 'checks'],
])('%o is of the kind %s', (given, kind) => {
  expect(kindOfScope(knownScope(given as Channel['scope']))).toBe(kind)
})

it('sends the one field that is set', () => {
  expect(
    knownScope({ tag: null, team_id: 3, server_ids: null, check_ids: null } as unknown as Channel['scope']),
  ).toEqual({ team_id: 3 })
})

it('begins a kind with the first choice there is, or with none', () => {
  expect(SCOPE_KINDS.map((kind) => emptyScope(kind, ['db', 'web'], [7]))).toEqual([
    {},
    { tag: 'db' },
    { team_id: 7 },
    { server_ids: [] },
    { check_ids: [] },
  ])
  expect([emptyScope('tag', [], []), emptyScope('team', [], [])]).toEqual([{ tag: '' }, { team_id: 0 }])
  expect(SCOPE_KINDS.map((kind) => kindOfScope(emptyScope(kind, [], [])))).toEqual([...SCOPE_KINDS])
})

it('is complete once something is chosen', () => {
  expect(SCOPE_KINDS.map((kind) => isComplete(emptyScope(kind, [], [])))).toEqual([true, false, false, false, false])
  expect([{ tag: 'web' }, { team_id: 1 }, { server_ids: [1] }, { check_ids: [1] }].every(isComplete)).toBe(true)
})
