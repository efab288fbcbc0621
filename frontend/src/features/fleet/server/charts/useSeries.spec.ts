import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { effectScope, shallowRef } from 'vue'
import type { SeriesRange } from '@/api/servers'
import { toWritten } from '@/api/times'
import type { LiveSample, Series } from '@/api/types'
import { groupsOf } from './metricGroups'
import type { Range } from '@/components/chart/range/range'
import { fixedRange } from '@/components/chart/range/range'
import { useSeries } from './useSeries'

const NAMES = ['cpu', 'memory', ...Array.from({ length: 30 }, (_, index) => `queue${index}`)]
const scopes: ReturnType<typeof effectScope>[] = []
beforeEach(() => setActivePinia(createPinia()))
afterEach(() => scopes.splice(0).forEach((scope) => scope.stop()))

function started(range: Range) {
  const asked: SeriesRange[] = []
  const now = Math.floor(Date.now() / 1000)
  const answer = (metrics: string[]): Series => ({
    resolution: 15,
    time: [now - 30],
    coverage: [1],
    columns: Object.fromEntries(metrics.map((metric) => [metric, { avg: [1], min: [1], max: [1] }])),
  })
  const scope = effectScope()
  scopes.push(scope)
  const shown = shallowRef(range)
  const series = scope.run(() =>
    useSeries(1, shallowRef(groupsOf(NAMES)), shown, (_, question) => {
      asked.push(question)
      return Promise.resolve(answer(question.metrics))
    }),
  )!
  return { series, asked, shown, now }
}

function sampleAt(seconds: number): LiveSample {
  return {
    server_id: 1,
    status: 'online',
    last_report_at: null,
    recorded_at: toWritten(new Date(seconds * 1000)),
    cpu_value: 7,
    memory_value: 8,
    disk_value: 9,
    extra: {},
    processes: [],
    clock_skew: null,
  }
}

describe('the series of a server', () => {
  it('are asked for when a chart wants them, with those beside it', async () => {
    const { series, asked } = started({ kind: 'last', span: '1h' })
    await flushPromises()
    expect(asked).toEqual([])
    series.want(['cpu'])
    await flushPromises()
    expect(asked.map(({ metrics }) => metrics.length)).toEqual([20])
    expect(series.byGroup.value.has('memory')).toBe(true)
    expect(series.byGroup.value.has('queue29')).toBe(false)
    series.want(['memory'])
    await flushPromises()
    expect(asked.length).toBe(1)
    series.want(['queue29'])
    await flushPromises()
    expect(series.byGroup.value.size).toBe(NAMES.length)
  })

  it('are asked for in as many points as a week has ten minutes', async () => {
    const { series, asked, now } = started({ kind: 'last', span: '7d' })
    series.want(['cpu'])
    await flushPromises()
    const { start, end, points } = asked[0]!
    const buckets = Math.ceil(end / 600) - Math.floor(start / 600)
    expect(end).toBeGreaterThan(now)
    expect(points).toBeGreaterThanOrEqual(buckets)
  })

  it('are asked for again when the range changes', async () => {
    const { series, asked, shown } = started({ kind: 'last', span: '1h' })
    series.want(['cpu'])
    await flushPromises()
    shown.value = fixedRange(1_000, 5_000)
    await flushPromises()
    expect(asked.at(-1)).toMatchObject({ start: 1_000, end: 5_000 })
  })

  it('grow by what comes in while they show the present, and only then', async () => {
    const { series, shown, now } = started({ kind: 'last', span: '1h' })
    series.want(['cpu'])
    await flushPromises()
    series.take(sampleAt(now))
    expect(series.byGroup.value.get('cpu')?.columns.cpu?.avg).toEqual([1, 7])
    shown.value = fixedRange(now - 1_000, now - 10)
    await flushPromises()
    series.take(sampleAt(now + 15))
    expect(series.byGroup.value.get('cpu')?.columns.cpu?.avg).toEqual([1])
  })
})
