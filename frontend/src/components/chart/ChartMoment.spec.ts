import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { i18n } from '@/locales'
import ChartMoment from './ChartMoment.vue'
import { spaced } from '@/testing/spaced'
import { chartTable } from './chartTable'

const column = (avg: (number | null)[], min = avg, max = avg) => ({ avg, min, max })
const raw = {
  resolution: 15,
  time: [0, 15],
  coverage: [1, 1],
  columns: { cpu: column([12, null]), memory: column([40, null]) },
}
const buckets = { resolution: 600, time: [0], coverage: [1], columns: { cpu: column([12], [3], [100]) } }

function spoken(series: typeof raw | typeof buckets, row: number | null, more = {}): string {
  const moment = mount(ChartMoment, {
    props: {
      table: chartTable(series, Object.keys(series.columns)),
      row,
      marks: [],
      resolution: series.resolution,
      hidden: new Set<string>(),
      unit: 'cpu',
      nameOf: (line: string) => ({ cpu: 'CPU', memory: 'Memory' })[line] ?? line,
      isSpoken: true,
      ...more,
    },
    global: { plugins: [i18n] },
  })
  return spaced(moment.get('[aria-live=polite]').text())
}

describe('what a screen reader says of a moment', () => {
  it('is its time and the values of all that is seen', () => {
    expect(spoken(raw, 0)).toMatch(/1970.*; CPU 12 %; Memory 40 %$/)
    expect(spoken(raw, 0, { hidden: new Set(['cpu']) })).toMatch(/1970[^;]*; Memory 40 %$/)
  })

  it('is the range too where the value is an average', () => {
    expect(spoken(buckets, 0)).toMatch(/CPU average 12 %, from 3 % to 100 %$/)
  })

  it('is that nothing was measured, and what went on', () => {
    const marks = [{ kind: 'alert', from: 0, to: null, label: 'Critical · CPU' }]
    expect(spoken(raw, 1, { marks })).toMatch(/No data for this period; Critical · CPU$/)
  })

  it('is nothing without a cursor, and where the pointer moves it', () => {
    expect(spoken(raw, null)).toBe('')
    expect(spoken(raw, 0, { isSpoken: false })).toBe('')
  })
})
