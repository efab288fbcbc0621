import { describe, expect, it } from 'vitest'
import type { Server } from '@/api/types'
import { aServer } from '@/testing/aServer'
import type { Moving } from './facts'
import { fixedFacts, movingFacts } from './facts'
import type { Facts } from './sorting'
import { sorted } from './sorting'

function row(name: string, given: Partial<Server> & Partial<Moving> = {}): Facts {
  const server = aServer(1, { server_name: name, ...given })
  return { fixed: fixedFacts(server), moving: { ...movingFacts(server, undefined, undefined), ...given } }
}

const names = (rows: Facts[]) => rows.map(({ fixed }) => fixed.server.server_name).join('')

describe('the order of the list', () => {
  const rows = [row('a', { cpu: 50 }), row('b', { cpu: null }), row('c', { cpu: 0 }), row('d', { cpu: 50 }), row('e', { cpu: 9 }), row('f', { cpu: null })]

  it.each([['cpu', 'ceadbf'], ['-cpu', 'adecbf']])('%s: what is not known comes last either way, equals stay by name', (written, order) => {
    expect(names(sorted(rows, written))).toBe(order)
  })

  it.each([['name', 'abcdef'], ['-name', 'fedcba'], ['', 'abcdef'], ['nonsense', 'abcdef']])('"%s" leaves them by name', (written, order) => {
    expect(names(sorted(rows, written))).toBe(order)
  })

  it('leaves what it was given as it was', () => {
    sorted(rows, '-name')
    sorted(rows, '-cpu')
    expect(names(rows)).toBe('abcdef')
  })

  it('one critical outweighs any number of warnings', () => {
    const alerting = [row('a'), row('b', { warnings: 40 }), row('c', { criticals: 1 }), row('d', { criticals: 1, warnings: 1 }), row('e', { criticals: 2 })]
    expect(names(sorted(alerting, '-alerts'))).toBe('edcba')
  })

  it('those that never reported, then the silent, then the rest', () => {
    const at = '2026-01-01 00:00:00'
    const states = [row('a', { status: 'online', lastReport: at }), row('b', { status: 'offline', lastReport: at }), row('c', { status: 'offline', lastReport: null })]
    expect(names(sorted(states, 'status'))).toBe('cba')
  })

  it('addresses by their numbers, IPv6 behind', () => {
    const addressed = [row('a', { ip_address: '::1' }), row('b', { ip_address: '10.0.0.10' }), row('c', { ip_address: '10.0.0.9' }), row('d', { ip_address: '9.255.0.0' })]
    expect([names(sorted(addressed, 'address')), names(sorted(addressed, '-address'))]).toEqual(['dcba', 'abcd'])
  })

  it('ports as numbers', () => {
    expect(names(sorted([row('a', { port: 2222 }), row('b', { port: 443 }), row('c', { port: 22 })], 'port'))).toBe('cba')
  })

  it('tags and users by the first, whatever its case; those without last', () => {
    const tagged = [row('a'), row('b', { tags: ['web'] }), row('c', { tags: ['DB', 'a'] })]
    const linked = [row('a'), row('b', { users: [{ id: 1, username: 'Zoe' }] }), row('c', { users: [{ id: 2, username: 'ann' }] })]
    expect([names(sorted(tagged, 'tags')), names(sorted(tagged, '-tags')), names(sorted(linked, 'users'))]).toEqual(['cba', 'bca', 'cba'])
  })

  it('the newest report and the newest server first', () => {
    const timed = [row('a', { lastReport: null, created_at: '2026-01-03 00:00:00' }), row('b', { lastReport: '2026-01-01 00:00:09' }), row('c', { lastReport: '2026-01-01 00:00:10' })]
    expect([names(sorted(timed, '-report')), names(sorted(timed, '-created'))]).toEqual(['cba', 'abc'])
  })
})
