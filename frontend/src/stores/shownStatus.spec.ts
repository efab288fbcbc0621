import { expect, test } from 'vitest'
import type { LiveSample, Server } from '@/api/types'
import { shownStatus } from './fleet'

const server = (status: Server['status']) => ({ id: 1, status }) as Server
const live = (status: Server['status'], last_report_at: string | null) => ({ status, last_report_at }) as LiveSample

test.each([
  ['who has reported is what the stream says', server('offline'), live('online', '2026-11-26 12:00:00'), true, 'online'],
  ['who fell silent is offline', server('online'), live('offline', '2026-11-26 12:00:00'), true, 'offline'],
  ['who never reported is not said to be offline', server('offline'), undefined, true, 'never'],
  ['nor one of which only that is known', server('offline'), live('offline', null), true, 'never'],
  ['before the stream has sent anything, the row counts', server('offline'), undefined, false, 'offline'],
] as const)('%s', (_, row, sample, isKnown, shown) => {
  expect(shownStatus(row, sample, isKnown)).toBe(shown)
})
