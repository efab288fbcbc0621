import { describe, expect, it } from 'vitest'
import type { LiveSample, Series } from '@/api/types'
import { appendSample } from './appendSample'

function sample(seconds: number, cpu: number, extra: Record<string, number> = {}): LiveSample {
  return {
    server_id: 1,
    status: 'online',
    last_report_at: null,
    recorded_at: new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' '),
    cpu_value: cpu,
    memory_value: 50,
    disk_value: 60,
    extra,
    processes: [],
    clock_skew: null,
  }
}

const values = (column: number[]) => ({ avg: column, min: column, max: column })
const raw: Series = {
  resolution: 15,
  time: [100, 115],
  coverage: [1, 1],
  columns: { cpu: values([1, 2]), load1: values([0.1, 0.2]) },
}
const buckets: Series = {
  resolution: 60,
  time: [60, 120],
  coverage: [1, 0.5],
  columns: { cpu: { avg: [10, 20], min: [5, 15], max: [15, 25] } },
}

describe('appending a live sample', () => {
  it('adds a point at the right and drops what left at the left', () => {
    const next = appendSample(raw, sample(130, 3, { load1: 0.3 }), 110, 15)
    expect(next.time).toEqual([115, 130])
    expect(next.columns.cpu?.avg).toEqual([2, 3])
    expect(next.columns.load1?.max).toEqual([0.2, 0.3])
    expect(raw.time).toEqual([100, 115])
  })

  it('leaves out what the sample does not have', () => {
    expect(appendSample(raw, sample(130, 3), 0, 15).columns.load1?.avg).toEqual([0.1, 0.2, null])
  })

  it('passes over one that is there already, or comes late', () => {
    expect(appendSample(raw, sample(115, 9), 0, 15)).toBe(raw)
    expect(appendSample(raw, sample(90, 9), 0, 15)).toBe(raw)
    expect(appendSample(buckets, sample(119, 9), 0, 15)).toBe(buckets)
  })

  it('is taken in by the newest bucket, for the part it stands for', () => {
    const next = appendSample(buckets, sample(150, 50), 0, 15)
    expect(next.time).toEqual([60, 120])
    expect(next.coverage).toEqual([1, 0.75])
    expect(next.columns.cpu).toEqual({ avg: [10, 30], min: [5, 15], max: [15, 50] })
  })

  it('begins a new bucket', () => {
    const next = appendSample(buckets, sample(181, 50), 0, 15)
    expect(next.time).toEqual([60, 120, 180])
    expect(next.coverage).toEqual([1, 0.5, 0.25])
  })

  it('begins a series that was empty', () => {
    const empty: Series = { resolution: 15, time: [], coverage: [], columns: { cpu: values([]) } }
    expect(appendSample(empty, sample(130, 3), 0, 15).columns.cpu?.avg).toEqual([3])
  })
})
