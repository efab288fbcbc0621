import { describe, expect, it } from 'vitest'
import type { Series } from '@/api/types'
import { joined } from './joined'

type Values = (number | null)[]
const series = (resolution: number, time: number[], avg: Values, min = avg, max = avg): Series => ({
  resolution,
  time,
  coverage: time.map(() => 1),
  columns: { cpu: { avg, min, max } },
})
const of = (...given: Series[]) => given.map((each, index) => ({ key: String(index + 1), series: each }))
const averages = (found: Series) => Object.values(found.columns).map(({ avg }) => avg)

describe('the series of several servers', () => {
  it('are the buckets of each where they begin at the same times', () => {
    const found = joined(of(series(30, [0, 30, 90], [1, 2, 4], [0, 1, 3], [2, 3, 5]), series(30, [30], [7])), 'cpu', 90)
    expect(found).toEqual({
      resolution: 30,
      time: [0, 30, 90],
      coverage: [1, 1, 1],
      columns: {
        1: { avg: [1, 2, 4], min: [0, 1, 3], max: [2, 3, 5] },
        2: { avg: [null, 7, null], min: [null, 7, null], max: [null, 7, null] },
      },
    })
  })

  it('have no hole where a sample came late, and one where none came', () => {
    const found = joined(of(series(15, [1, 16, 31, 62, 140], [1, 2, 3, 4, 5])), 'cpu', 150)
    expect(found.time).toEqual([0, 15, 30, 45, 60, 135])
    expect(averages(found)).toEqual([[1, 2, 3, 3, 4, 5]])
  })

  it('hold the values of a server that reports less often', () => {
    const found = joined(of(series(15, [0, 15, 30, 45], [1, 2, 3, 4]), series(30, [0, 30], [8, 9])), 'cpu', 60)
    expect(averages(found)).toEqual([
      [1, 2, 3, 4],
      [8, 8, 9, 9],
    ])
  })

  it('fold what falls into one slot, and keep its extremes', () => {
    const found = joined(of(series(1, [0, 1, 2, 3], [1, 9, null, 5])), 'cpu', 2_000)
    expect(found).toMatchObject({ resolution: 4, time: [0], columns: { 1: { avg: [5], min: [1], max: [9] } } })
  })

  it('are empty lines for a metric that a server does not have', () => {
    expect(averages(joined(of(series(15, [0], [1])), 'swap', 60))).toEqual([[null]])
    expect(joined(of(series(15, [], [])), 'cpu', 60)).toMatchObject({ time: [], columns: { 1: { avg: [] } } })
    expect(joined([], 'cpu', 60)).toMatchObject({ time: [], columns: {} })
  })

  it('have a bounded number of points, whatever was answered', () => {
    const found = joined(of(series(1, [0, 1, 2, 86_399], [1, 2, 3, 4])), 'cpu', 86_400)
    expect(86_400 / found.resolution).toBeLessThanOrEqual(500)
  })
})
