import { expect, test } from 'vitest'
import { aServer } from '@/testing/aServer'
import { serversCsv, TEMPLATE } from './serversCsv'

const HEADER = 'server_name,ip_address,port,tags,users\r\n'
const users = (...names: string[]) => names.map((username, id) => ({ id, username }))
const lineOf = (given: Parameters<typeof aServer>[1]) => serversCsv([aServer(1, given)]).slice(HEADER.length)

test('no server is a header alone', () => {
  expect(serversCsv([])).toBe(HEADER)
})

test('tags and users are joined in their order, and lines end as CSV lines do', () => {
  const server = aServer(1, { tags: ['web', 'prod'], users: users('bob', 'ann') })
  expect(serversCsv([server, aServer(2)])).toBe(
    `${HEADER}web-1,10.0.0.1,22,prod;web,ann;bob\r\nweb-2,10.0.0.2,22,,\r\n`,
  )
  expect(server.tags).toEqual(['web', 'prod'])
})

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@cmd', "'@cmd"],
  ['＝1', "'＝1"],
  ["'=1", "''=1"],
  ["o'neil", "o'neil"],
  ['a=b', 'a=b'],
  ['a,"b"', '"a,""b"""'],
  ['=a,b', `"'=a,b"`],
])('the name %s is written %s', (server_name, written) => {
  expect(lineOf({ server_name })).toBe(`${written},10.0.0.1,22,,\r\n`)
})

test('a tag that a spreadsheet would run is made harmless too', () => {
  expect(lineOf({ tags: ['=x', 'a'] })).toBe("web-1,10.0.0.1,22,'=x;a,\r\n")
  expect(lineOf({ tags: ['a', 'b', '@x'] })).toBe("web-1,10.0.0.1,22,'@x;a;b,\r\n")
  expect(lineOf({ tags: ['a', '＝x'] })).toBe("web-1,10.0.0.1,22,a;'＝x,\r\n")
})

test('a user name that holds what joins them is quoted inside its cell', () => {
  expect(lineOf({ users: users('a;b', 'c', 'd"e') })).toBe('web-1,10.0.0.1,22,,"""a;b"";c;""d""""e"""\r\n')
})

test('the template is a file that can be imported', () => {
  expect(TEMPLATE).toBe(`${HEADER}web-1,192.0.2.10,22,prod;web,\r\n`)
})
