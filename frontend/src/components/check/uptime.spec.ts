import { describe, expect, it } from 'vitest'
import { dayAfter, meanOf, shareByDay, troubledDays, writtenShare } from './uptime'

const at = (written: string) => Date.parse(`${written}:00Z`)

describe('the days of a check', () => {
  it('have a mean of those with data', () => {
    expect(meanOf([null, 100, 50])).toBe(75)
    expect(meanOf([null, null])).toBeNull()
  })

  it('are named from the first on, over the end of a month', () =>
    expect(dayAfter('2026-02-28', 1).toISOString().slice(0, 10)).toBe('2026-03-01'))

  it('say which were worst', () =>
    expect(troubledDays([100, 99, null, 10])).toEqual([
      { index: 3, share: 10 },
      { index: 1, share: 99 },
    ]))

  it.each([
    [100, '100'],
    [99.999, '99.99'],
    [99.5, '99.5'],
    [0, '0'],
  ])('write %s as %s: 100 says that nothing was missed', (share, written) => expect(writtenShare(share)).toBe(written))
})

describe('the days of a check-in', () => {
  it('lose what it was down, over midnight too, and have nothing before it was made', () => {
    const outages = [
      { from: at('2026-11-25T18:00'), to: at('2026-11-26T06:00') },
      { from: at('2026-11-27T06:00'), to: null },
    ]
    expect(shareByDay(outages, at('2026-11-25T12:00'), at('2026-11-27T12:00'), 4)).toEqual({
      first: '2026-11-24',
      days: [null, 50, 75, 50],
    })
  })
})
