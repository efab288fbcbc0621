import { expect, test } from 'vitest'
import type { ImportLine } from '@/api/types'
import { aServer } from '@/testing/aServer'
import { fieldChanges } from './changes'

const users = (...names: string[]) => names.map((username, id) => ({ id, username }))
const line = (changes: string[], given: Parameters<typeof aServer>[1]): ImportLine => ({
  line: 2,
  action: 'update',
  changes,
  server: aServer(1, given),
})

test('each field from and to, lists in their order, and no field that stays', () => {
  const before = aServer(1, { tags: ['web', 'eu'], users: users('bob', 'ann') })
  const update = line(['server_name', 'port', 'tags', 'users'], {
    server_name: 'new',
    port: 2222,
    tags: [],
    users: users('cy'),
  })
  expect(fieldChanges(update, before)).toEqual([
    { field: 'server_name', before: 'web-1', after: 'new' },
    { field: 'port', before: '22', after: '2222' },
    { field: 'tags', before: 'eu, web', after: '' },
    { field: 'users', before: 'ann, bob', after: 'cy' },
  ])
  expect(fieldChanges(line([], { server_name: 'new' }), before)).toEqual([])
  expect(before.tags).toEqual(['web', 'eu'])
})

test('of a server that is not loaded yet the old values stay empty', () => {
  expect(fieldChanges(line(['port'], { port: 80 }), undefined)).toEqual([{ field: 'port', before: '', after: '80' }])
})
