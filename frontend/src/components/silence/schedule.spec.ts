import { describe, expect, it } from 'vitest'
import type { Recurrence } from '@/api/types'
import { toDate } from '@/api/times'
import { WINDOWS, YEAR } from '@/testing/silenceCases'
import { nextAction, offsetAt, toInstant } from './schedule'

const NIGHTS: Recurrence = { weekdays: [0, 1, 2, 3, 4], starts: '22:00', duration: 4 * 3_600, zone: 'Asia/Shanghai' }
const year = { starts_at: '2026-01-01 00:00:00', ends_at: '2027-01-01 00:00:00' }
const at = (written: string) => new Date(`${written}Z`)
const spanOf = (recurrence: Recurrence, now: string, whole = year) => {
  const { kind, span } = nextAction({ ...whole, recurrence }, at(now))
  return [kind, span?.begin.toISOString().slice(0, 16), span?.end.toISOString().slice(0, 16)]
}

describe('a silence without recurrence', () => {
  const silence = { starts_at: '2026-11-25 10:00:00', ends_at: '2026-11-25 12:00:00', recurrence: null }

  it('acts later, now, and no more', () => {
    expect(nextAction(silence, at('2026-11-25T09:59:59')).kind).toBe('next')
    expect(nextAction(silence, at('2026-11-25T10:00:00')).kind).toBe('now')
    expect(nextAction(silence, at('2026-11-25T12:00:00')).kind).toBe('over')
  })
})

describe('a recurring silence', () => {
  it('acts by the wall clock of its zone, past midnight too', () => {
    // Wednesday 25 November, 22:00 in Shanghai is 14:00 UTC.
    expect(spanOf(NIGHTS, '2026-11-25T10:00:00')).toEqual(['next', '2026-11-25T14:00', '2026-11-25T18:00'])
    expect(spanOf(NIGHTS, '2026-11-25T17:59:59')).toEqual(['now', '2026-11-25T14:00', '2026-11-25T18:00'])
    expect(spanOf(NIGHTS, '2026-11-25T18:00:00')).toEqual(['next', '2026-11-26T14:00', '2026-11-26T18:00'])
  })

  it('passes over the days it does not name', () => {
    expect(spanOf(NIGHTS, '2026-11-27T19:00:00')).toEqual(['next', '2026-11-30T14:00', '2026-11-30T18:00'])
  })

  it('begins and ends with its whole span', () => {
    const whole = { starts_at: '2026-11-25 15:00:00', ends_at: '2026-11-25 16:00:00' }
    expect(spanOf(NIGHTS, '2026-11-25T10:00:00', whole)).toEqual(['next', '2026-11-25T15:00', '2026-11-25T16:00'])
  })

  it('says that it never acts where no window lies within its span', () => {
    const whole = { starts_at: '2026-11-25 00:00:00', ends_at: '2026-11-25 12:00:00' }
    expect(spanOf(NIGHTS, '2026-11-25T01:00:00', whole)[0]).toBe('never')
  })

  it('is over after its last window', () => {
    const whole = { starts_at: '2026-11-25 12:00:00', ends_at: '2026-11-26 12:00:00' }
    expect(spanOf(NIGHTS, '2026-11-25T18:30:00', whole)[0]).toBe('over')
  })

  it('ends once for windows that follow without a pause', () => {
    const weekend: Recurrence = { weekdays: [5, 6], starts: '00:00', duration: 86_400, zone: 'UTC' }
    expect(spanOf(weekend, '2026-11-28T12:00:00')).toEqual(['now', '2026-11-28T00:00', '2026-11-30T00:00'])
    const always = { ...weekend, weekdays: [0, 1, 2, 3, 4, 5, 6] }
    expect(spanOf(always, '2026-11-28T12:00:00')).toEqual(['now', '2026-01-01T00:00', '2027-01-01T00:00'])
  })

  it('is not interrupted where the clock is put back', () => {
    const early: Recurrence = { weekdays: [6], starts: '02:30', duration: 1_800, zone: 'Europe/Berlin' }
    // Sunday 25 October 2026: 02:30 is shown at 00:30 and at 01:30 UTC.
    expect(spanOf(early, '2026-10-24T12:00:00')).toEqual(['next', '2026-10-25T00:30', '2026-10-25T02:00'])
  })
})

it.each(WINDOWS)(
  'has the window that the server computes: %j %s for %i s, %s, at %s',
  (weekdays, starts, duration, zone, now, begin, end) => {
    const recurrence: Recurrence = { weekdays: [...weekdays], starts, duration, zone }
    expect(nextAction({ ...YEAR, recurrence }, toDate(now)).span).toEqual({ begin: toDate(begin), end: toDate(end) })
  },
)

describe('wall clocks', () => {
  it('know their distance from UTC', () => {
    expect(offsetAt(at('2026-07-01T00:00:00').getTime(), 'Europe/Berlin')).toBe(2 * 3_600_000)
    expect(offsetAt(at('2026-12-01T00:00:00').getTime(), 'America/New_York')).toBe(-5 * 3_600_000)
  })

  it('skip an hour in spring: at the moment of the change', () => {
    const wall = at('2026-03-29T02:30:00').getTime()
    for (const which of ['first', 'last'] as const)
      expect(new Date(toInstant(wall, 'Europe/Berlin', which)).toISOString()).toContain('01:00:00.000')
  })
})
