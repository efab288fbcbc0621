import { describe, expect, it } from 'vitest'
import type { Series } from '@/api/types'
import { coverageOf } from './coverage'

function raw(time: number[]): Series {
  const ones = time.map(() => 1)
  return { resolution: 10, time, coverage: ones, columns: { cpu: { avg: ones, min: ones, max: ones } } }
}

describe('what part of the time was sampled', () => {
  it('is all of it where samples follow each other, some a little late', () => {
    expect(coverageOf(raw([5, 15, 26, 35]), 0, 40)).toBe(1)
  })

  it('is without the gaps', () => {
    expect(coverageOf(raw([0, 10, 60, 70, 80, 90]), 0, 100)).toBe(0.6)
    expect(coverageOf(raw([80, 90]), 0, 100)).toBe(0.2)
  })

  it('adds up what the buckets say of themselves, by the part of them that is seen', () => {
    const buckets: Series = { resolution: 60, time: [0, 60, 180], coverage: [1, 0.5, 1], columns: {} }
    expect(coverageOf(buckets, 30, 240)).toBeCloseTo((30 + 30 + 60) / 210)
  })

  it('is nothing where there is nothing', () => {
    expect(coverageOf(raw([]), 0, 100)).toBe(0)
    expect(coverageOf(raw([1]), 5, 5)).toBeNull()
  })
})
