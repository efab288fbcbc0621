import { expect, it } from 'vitest'
import type { Channel } from '@/api/types'
import { emptyScope, kindOfScope, knownScope, SCOPE_KINDS } from './channelScope'

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
  expect(knownScope({ tag: null, team_id: 3, server_ids: null, check_ids: null } as unknown as Channel['scope'])).toEqual(
    { team_id: 3 },
  )
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
