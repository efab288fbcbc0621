import { describe, expect, it } from 'vitest'
import type { Shift } from '@/api/oncall'
import { toDate, toWritten } from '@/api/times'
import { daysFrom, placeOf, weeksOf } from './calendar'

/** A Wednesday. */
const NOW = new Date('2026-12-02T15:00:00Z')
const LONG_AGO = new Date('2026-01-01T00:00:00Z')
const shift = (username: string, starts_at: string, ends_at: string): Shift => ({
  user_id: username.length,
  username,
  starts_at,
  ends_at,
})
const SHIFTS = [
  shift('ann', '2026-11-30 09:00:00', '2026-12-02 00:00:00'),
  shift('bo', '2026-12-03 00:00:00', '2026-12-08 12:00:00'),
]

const written = (shifts: Shift[], begins = LONG_AGO, count = 2) =>
  weeksOf(shifts, daysFrom(NOW, 0, count, 'utc'), begins).map(({ bars }) =>
    bars.map(
      ({ start, end, shift: own }) =>
        `${own?.username ?? '-'} ${toWritten(start).slice(5, 13)} ${toWritten(end).slice(5, 13)}`,
    ),
  )

describe('the days of a calendar', () => {
  it('begin on the Monday of this week, or some weeks later', () => {
    const days = daysFrom(NOW, 0, 1, 'utc')
    expect(days.map(toWritten)).toHaveLength(8)
    expect(toWritten(days[0]!)).toBe('2026-11-30 00:00:00')
    expect(toWritten(daysFrom(NOW, 4, 1, 'utc')[0]!)).toBe('2026-12-28 00:00:00')
  })

  it('are of the same week on Sunday evening', () =>
    expect(toWritten(daysFrom(new Date('2026-12-06T23:59:00Z'), 0, 1, 'utc')[0]!)).toBe('2026-11-30 00:00:00'))
})

describe('the bars of a week', () => {
  it('leave nothing out: what no shift covers is a gap, and a shift over the end of a week is cut', () =>
    expect(written(SHIFTS)).toEqual([
      ['- 11-30 00 11-30 09', 'ann 11-30 09 12-02 00', '- 12-02 00 12-03 00', 'bo 12-03 00 12-07 00'],
      ['bo 12-07 00 12-08 12', '- 12-08 12 12-14 00'],
    ]))

  it('show nothing before the rota begins', () =>
    expect(written(SHIFTS.slice(1), toDate('2026-12-02 12:00:00'), 1)).toEqual([
      ['- 12-02 12 12-03 00', 'bo 12-03 00 12-07 00'],
    ]))

  it('are all a gap where nobody takes turns', () =>
    expect(written([], LONG_AGO, 1)).toEqual([['- 11-30 00 12-07 00']]))

  it('fill the week from end to end', () => {
    for (const { bars } of weeksOf(SHIFTS, daysFrom(NOW, 0, 2, 'utc'), LONG_AGO)) {
      expect(bars.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(100)
      bars.slice(1).forEach((bar, at) => expect(bar.left).toBeCloseTo(bars[at]!.left + bars[at]!.width))
    }
  })
})

describe('a place in a week', () => {
  const HOURS = [0, 24, 47, 71]
  const days = HOURS.map((hour) => new Date(NOW.getTime() + hour * 3_600_000))
  const at = (hour: number) => placeOf(new Date(NOW.getTime() + hour * 3_600_000), days)

  it('gives a day of 23 hours as much room as others', () => {
    expect([0, 24, 47].map(at).map(Math.round)).toEqual([0, 33, 67])
    expect(at(24 + 11.5)).toBeCloseTo(50)
  })

  it('is at an end for what is outside', () => expect([-5, 71, 99].map(at)).toEqual([0, 100, 100]))
})
