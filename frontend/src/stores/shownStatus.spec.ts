import { expect, test } from 'vitest'
import type { BriefSample, Server } from '@/api/types'
import { shownStatus } from './fleet'

const server = (status: Server['status']) => ({ id: 1, status }) as Server
const live = (status: Server['status'], last_report_at: string | null) => ({ status, last_report_at }) as BriefSample

test.each([
  ['who has reported is what the stream says', server('offline'), live('online', '2026-11-26 12:00:00'), 'online'],
  ['who fell silent is offline', server('online'), live('offline', '2026-11-26 12:00:00'), 'offline'],
  ['who never reported is not said to be offline', server('offline'), live('offline', null), 'never'],
  ['before the stream has sent anything, the row counts', server('offline'), undefined, 'offline'],
] as const)('%s', (_, row, sample, shown) => {
  expect(shownStatus(row, sample)).toBe(shown)
})
