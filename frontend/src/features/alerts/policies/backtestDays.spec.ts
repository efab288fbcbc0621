import { expect, it } from 'vitest'
import { everyDay } from './backtestDays'

it('shows the days on which nothing would have fired', () => {
  const now = Date.parse('2026-11-25T10:00:00Z')
  expect(everyDay([{ date: '2026-11-23', count: 4 }], 3, now)).toEqual([
    { date: '2026-11-22', count: 0 },
    { date: '2026-11-23', count: 4 },
    { date: '2026-11-24', count: 0 },
    { date: '2026-11-25', count: 0 },
  ])
})
