import { expect, test } from 'vitest'
import type { Alert, Level, LiveSample } from '@/api/types'
import { aServer } from '@/testing/aServer'
import { byName, fixedFacts, movingFacts } from './facts'

const alert = (level: Level) => ({ level }) as Alert

test('names sort as people count, whatever their case; the same name by age', () => {
  const names = ['web-10', 'Web-2', 'web-1', 'db', 'web-2']
  const sorted = byName(names.map((server_name, at) => fixedFacts(aServer(at + 1, { server_name }))))
  expect(sorted.map(({ server }) => [server.server_name, server.id])).toEqual([['db', 4], ['web-1', 3], ['Web-2', 2], ['web-2', 5], ['web-10', 1]])
})

test('the stream knows better than the row that was fetched', () => {
  const live = { status: 'offline', last_report_at: '2026-01-01 00:00:05', cpu_value: 0, memory_value: 50, disk_value: null } as LiveSample
  expect(movingFacts(aServer(1), live, [alert('warning'), alert('critical'), alert('warning')])).toEqual({
    status: 'offline', lastReport: '2026-01-01 00:00:05', cpu: 0, memory: 50, disk: null, criticals: 1, warnings: 2,
  })
})

test('of a server the stream has not named yet only the status is known', () => {
  expect(movingFacts(aServer(1), undefined, undefined)).toEqual({
    status: 'online', lastReport: null, cpu: null, memory: null, disk: null, criticals: 0, warnings: 0,
  })
})
