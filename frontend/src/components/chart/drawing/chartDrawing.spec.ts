import { describe, expect, it } from 'vitest'
import { timeWriter } from '@/composables/times'
import { timeLabels } from './axes'
import { columnsOf } from './drawBand'
import { lineDash, lineToken } from './palette'
import { valueRange } from './valueRange'

describe('columnsOf', () => {
  it('folds what falls on one pixel, and leaves a gap', () => {
    const columns = columnsOf([0, 1, 2, 3, 6], [1, 0, 5, null, 2], [2, 9, 6, null, 3], 1, (at) => Math.floor(at / 2))
    expect(columns).toEqual([
      { left: 0, right: 1, low: 0, high: 9 },
      { left: 1, right: 2, low: 5, high: 6 },
      { left: 3, right: 4, low: 2, high: 3 },
    ])
  })

  it('is as wide as its bucket, to where the next begins', () => {
    const columns = columnsOf([0, 10, 25], [1, 2, 3], [4, 5, 6], 10, (at) => at)
    expect(columns.map(({ left, right }) => [left, right])).toEqual([
      [0, 10],
      [10, 20],
      [25, 35],
    ])
  })
})

describe('the lines of a chart', () => {
  const looks = Array.from({ length: 12 }, (_, index) => ({ colour: lineToken(index), dash: String(lineDash(index)) }))

  it('are all different', () => {
    expect(new Set(looks.map(({ colour, dash }) => colour + dash)).size).toBe(12)
  })

  it('differ in their dashes where people who see few colours would take one for the other', () => {
    const alike = [1, 4, 2, 5, 0, 3].map((colour) => lineToken(colour))
    for (const [pair] of [[0], [2], [4]] as const) {
      const dashes = looks.filter(({ colour }) => alike.slice(pair, pair + 2).includes(colour)).map(({ dash }) => dash)
      expect(new Set(dashes).size).toBe(dashes.length)
    }
  })
})

describe('valueRange', () => {
  const whole = (range: [number, number]) => range.map((edge) => Math.round(edge) + 0) // without -0

  it('shows percentages of the whole', () => {
    expect(valueRange({ low: 3, high: 12 }, [0, 100], [])).toEqual([-1, 101])
  })

  it('has room for half the width of a line at each edge', () => {
    const [from, to] = valueRange({ low: 0, high: 100 }, [0, 100], [])
    const pixels = 120 / (to - from)
    expect([-from * pixels, (to - 100) * pixels].every((room) => room >= 0.75 && room < 2)).toBe(true)
  })

  it('shows both of what is good or bad', () => {
    expect(whole(valueRange({ low: 1, high: 1 }, [0, 1], []))).toEqual([0, 1])
    expect(whole(valueRange({ low: null, high: null }, [0, 1], []))).toEqual([0, 1])
  })

  it('begins at nothing for what is never below', () => {
    const [from, to] = valueRange({ low: 100, high: 120_000 }, [0, Infinity], [])
    expect(from / to).toBeCloseTo(0, 1)
    expect(to).toBeGreaterThanOrEqual(120_000)
    expect(valueRange({ low: 50_000, high: 120_000 }, [0, Infinity], [])[0]).toBeLessThanOrEqual(0)
    expect(valueRange({ low: 110_000, high: 120_000 }, [0, Infinity], [])[0]).toBeGreaterThan(90_000)
  })

  it('goes below nothing where the values do', () => {
    expect(valueRange({ low: -8, high: 12 }, [-Infinity, Infinity], [])[0]).toBeLessThan(-8)
  })

  it('reaches for a threshold that is near, not for one far off', () => {
    const near = { value: 7, level: 'warning' as const }
    expect(valueRange({ low: 1, high: 5 }, [-Infinity, Infinity], [near])[1]).toBeGreaterThanOrEqual(7)
    expect(valueRange({ low: 1, high: 5 }, [-Infinity, Infinity], [{ ...near, value: 80 }])[1]).toBeLessThan(10)
  })

  it('is never empty', () => {
    for (const [low, high] of [
      [null, null],
      [0, 0],
      [5, 5],
      [-5, -5],
    ] as const) {
      const [from, to] = valueRange({ low, high }, [-Infinity, Infinity], [])
      expect(to).toBeGreaterThan(from)
    }
  })
})

describe('timeLabels', () => {
  const at = (text: string) => new Date(text).getTime() / 1000

  it('writes the date once, where a day begins', () => {
    const labels = timeLabels(
      timeWriter('en', 'local'),
      [at('2026-03-04T22:00'), at('2026-03-04T23:00'), at('2026-03-05T00:00')],
      3_600,
    )
    expect(labels).toEqual(['22:00\n4 Mar', '23:00', '00:00\n5 Mar'])
  })

  it('has seconds only where the steps are', () => {
    expect(timeLabels(timeWriter('en', 'local'), [at('2026-03-04T22:00:30')], 30)).toEqual(['22:00:30\n4 Mar'])
  })

  it('writes days, and months with their year over a long time', () => {
    expect(timeLabels(timeWriter('en', 'local'), [at('2026-03-04T00:00'), at('2026-03-05T00:00')], 86_400)).toEqual([
      '4 Mar',
      '5 Mar',
    ])
    expect(
      timeLabels(timeWriter('en', 'local'), [at('2025-03-01T00:00'), at('2026-03-01T00:00')], 86_400 * 30)[0],
    ).toBe('Mar 2025')
  })
})
