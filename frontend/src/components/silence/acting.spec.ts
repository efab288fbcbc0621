import { describe, expect, it } from 'vitest'
import { aSilence } from '@/testing/aServer'
import { actingOn, lastToEnd } from './acting'

const noon = '2026-01-01 12:00:00'
const evening = '2026-01-01 18:00:00'

it('a metric is silenced by those on it and those on all, and not named again', () => {
  const [all, cpu, disk] = [
    aSilence({ id: 1 }),
    aSilence({ id: 2, metric: 'cpu' }),
    aSilence({ id: 3, metric: 'disk' }),
  ]
  expect(actingOn([all, cpu, disk], 'cpu')).toEqual([all, { ...cpu, metric: null }])
})

describe('what is said of several', () => {
  it('is the last to end of each metric, all of them first', () => {
    const given = [
      aSilence({ id: 1, metric: 'cpu', until: noon }),
      aSilence({ id: 2, metric: 'cpu', until: evening }),
      aSilence({ id: 3, until: noon }),
    ]
    expect(lastToEnd(given).map(({ id }) => id)).toEqual([3, 2])
  })

  it('leaves out what ends before one on all metrics', () => {
    const given = [aSilence({ id: 1, metric: 'cpu', until: noon }), aSilence({ id: 2, until: evening })]
    expect(lastToEnd(given).map(({ id }) => id)).toEqual([2])
  })
})
