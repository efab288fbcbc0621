import { describe, expect, it } from 'vitest'
import {
  DEFAULT_RANGE,
  fixedRange,
  isLive,
  moved,
  parseRange,
  rangeQuery,
  windowOf,
  withEdge,
  zoomedOut,
} from './range'

describe('the range in the address', () => {
  it('reads what it wrote', () => {
    for (const range of [
      DEFAULT_RANGE,
      { kind: 'last', span: '1y' } as const,
      fixedRange(1_764_000_000, 1_764_003_600),
    ]) {
      expect(parseRange(rangeQuery(range))).toEqual(range)
    }
  })

  it('leaves the default out', () => {
    expect(rangeQuery(DEFAULT_RANGE)).toEqual({})
  })

  it('takes times as people write them, and epoch seconds', () => {
    expect(parseRange({ from: '2026-11-25T10:00:00Z', to: '2026-11-25T12:00:00+01:00' })).toEqual({
      kind: 'fixed',
      start: 1_795_600_800,
      end: 1_795_604_400,
    })
    expect(parseRange({ from: '100', to: '400' })).toEqual({ kind: 'fixed', start: 100, end: 400 })
  })

  it('shows the default for nonsense', () => {
    for (const query of [
      { range: 'toString' },
      { range: '2h' },
      { from: '100' },
      { from: '400', to: '100' },
      { from: 'x', to: 'y' },
      { from: ['1'], to: '2' },
    ]) {
      expect(parseRange(query)).toEqual(DEFAULT_RANGE)
    }
  })
})

describe('a range', () => {
  it('is widened around where it was dragged when there is nothing to see in it', () => {
    expect(fixedRange(1000.4, 1010.4)).toEqual({ kind: 'fixed', start: 975, end: 1036 })
  })

  it('ends now, or where it was said', () => {
    expect(windowOf({ kind: 'last', span: '1h' }, 10_000)).toEqual({ start: 6_400, end: 10_000 })
    expect(windowOf({ kind: 'fixed', start: 1, end: 100 }, 10_000)).toEqual({ start: 1, end: 100 })
  })

  it('is moved by one end; past the other it keeps its width', () => {
    expect(withEdge({ start: 100, end: 400 }, 'start', 200)).toEqual(fixedRange(200, 400))
    expect(withEdge({ start: 100, end: 400 }, 'start', 500)).toEqual(fixedRange(500, 800))
    expect(withEdge({ start: 1_000, end: 1_400 }, 'end', 900)).toEqual(fixedRange(500, 900))
  })

  it('is live where a sample is to be seen', () => {
    expect(isLive({ kind: 'last', span: '24h' })).toBe(true)
    expect(isLive({ kind: 'last', span: '7d' })).toBe(false)
    expect(isLive(fixedRange(1, 100))).toBe(false)
  })
})

describe('looking further', () => {
  it('goes to the next longer time, and stays live', () => {
    expect(zoomedOut({ kind: 'last', span: '1h' }, 10_000)).toEqual({ kind: 'last', span: '6h' })
    expect(zoomedOut({ kind: 'last', span: '1y' }, 10_000)).toEqual({ kind: 'last', span: '1y' })
  })

  it('doubles what was dragged around its middle, and does not reach into the future', () => {
    expect(zoomedOut(fixedRange(4_000, 5_000), 10_000)).toEqual(fixedRange(3_500, 5_500))
    expect(zoomedOut(fixedRange(9_000, 10_000), 10_000)).toEqual(fixedRange(8_000, 10_000))
  })

  it('steps half a width to either side, up to now', () => {
    expect(moved({ kind: 'last', span: '1h' }, -1, 10_000)).toEqual(fixedRange(4_600, 8_200))
    expect(moved(fixedRange(4_000, 5_000), 1, 10_000)).toEqual(fixedRange(4_500, 5_500))
    expect(moved(fixedRange(8_800, 9_800), 1, 10_000)).toEqual(fixedRange(9_000, 10_000))
  })
})
