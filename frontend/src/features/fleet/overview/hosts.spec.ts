import { expect, test } from 'vitest'
import type { Alert, Level, LiveSample, Server } from '@/api/types'
import { type Host, sorted, worstLevel } from './hosts'

function host(name: string, given: { status?: Server['status']; worst?: Level; cpu?: number } = {}): Host {
  const status = given.status ?? 'online'
  return {
    server: { server_name: name } as Server,
    live: given.cpu === undefined ? undefined : ({ cpu_value: given.cpu } as LiveSample),
    status,
    worst: given.worst ?? null,
  }
}

const names = (hosts: Host[]) => hosts.map((one) => one.server.server_name)

test('trouble comes first: critical, silent, warning, and then by name as people count', () => {
  const hosts = [host('web-10'), host('web-2'), host('b', { worst: 'warning' }), host('c', { status: 'offline' }), host('d', { worst: 'critical' })]
  expect(names(sorted(hosts, 'trouble'))).toEqual(['d', 'c', 'b', 'web-2', 'web-10'])
})

test('by a metric the fullest comes first; a silent host has no value', () => {
  const hosts = [host('a', { cpu: 5 }), host('b'), host('c', { cpu: 90, status: 'offline' }), host('d', { cpu: 50 })]
  expect(names(sorted(hosts, 'cpu'))).toEqual(['d', 'a', 'b', 'c'])
})

test('the worst level is what counts', () => {
  const alert = (level: Level) => ({ level }) as Alert
  expect([worstLevel(undefined), worstLevel([alert('warning')]), worstLevel([alert('warning'), alert('critical')])]).toEqual([null, 'warning', 'critical'])
})
