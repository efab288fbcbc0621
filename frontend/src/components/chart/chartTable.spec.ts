import { describe, expect, it } from 'vitest'
import type { Series } from '@/api/types'
import { chartTable, gapTolerance, figuresOf } from './chartTable'

function raw(time: number[], values: (number | null)[], resolution = 15): Series {
  return { resolution, time, coverage: time.map(() => 1), columns: { cpu: { avg: values, min: values, max: values } } }
}

function bucketed(time: number[], resolution: number): Series {
  const of = (value: number) => time.map(() => value)
  return { resolution, time, coverage: of(0.9), columns: { cpu: { avg: of(5), min: of(1), max: of(9) } } }
}

describe('chartTable', () => {
  it('leaves samples that come a little late on one line', () => {
    expect(chartTable(raw([0, 15, 31, 76], [1, 2, 3, 4]), ['cpu']).x).toEqual([0, 15, 31, 76])
  })

  it('puts a row of nulls where more than three intervals passed', () => {
    const table = chartTable(raw([0, 15, 61, 76], [1, 2, 3, 4]), ['cpu'])
    expect(table.x).toEqual([0, 15, 30, 61, 76])
    expect(table.lines[0]?.avg).toEqual([1, 2, null, 3, 4])
    expect(table.coverage).toEqual([1, 1, null, 1, 1])
  })

  it('takes one missing bucket for a gap', () => {
    expect(chartTable(bucketed([0, 600, 1800], 600), ['cpu']).x).toEqual([0, 600, 1200, 1800])
    expect(gapTolerance(bucketed([0], 600))).toBe(900)
  })

  it('keeps its rows in order however long the gap', () => {
    const { x } = chartTable(raw([0, 15, 1e6], [1, 2, 3]), ['cpu'])
    expect(x).toEqual([...x].sort((one, other) => one - other))
  })

  it('knows the least and largest of all its lines', () => {
    expect(chartTable(bucketed([0, 600], 600), ['cpu'])).toMatchObject({ low: 1, high: 9, isBucketed: true })
    expect(chartTable(raw([0], [null]), ['cpu'])).toMatchObject({ low: null, high: null, isBucketed: false })
  })

  it('reaches as far as the averages where no bands are drawn', () => {
    expect(chartTable(bucketed([0, 600], 600), ['cpu'], true)).toMatchObject({ low: 5, high: 5 })
  })

  it('draws nothing for a metric that was not answered', () => {
    expect(chartTable(raw([0, 15], [1, 2]), ['swap']).lines[0]?.avg).toEqual([null, null])
  })

  it('draws nothing at all for no points', () => {
    expect(chartTable(raw([], []), ['cpu'])).toMatchObject({ x: [], low: null })
  })
})

describe('figuresOf', () => {
  it('says the newest that is known, and the extremes of the buckets', () => {
    const line = { metric: 'cpu', avg: [4, 6, null], min: [1, 5, null], max: [8, 7, null] }
    expect(figuresOf(line, [1, 1, null])).toEqual({ last: 6, min: 1, avg: 5, max: 8 })
  })

  it('counts a bucket as far as it has samples', () => {
    const line = { metric: 'cpu', avg: [10, 20], min: [10, 20], max: [10, 20] }
    expect(figuresOf(line, [1, 0.25])).toMatchObject({ avg: 12 })
    expect(figuresOf(line, [0, 0])).toMatchObject({ avg: 15 })
  })

  it('has nothing to say of an empty line', () => {
    expect(figuresOf({ metric: 'cpu', avg: [null], min: [null], max: [null] }, [1])).toEqual({
      last: null,
      min: null,
      avg: null,
      max: null,
    })
  })
})
