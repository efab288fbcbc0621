import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { i18n } from '@/locales'
import { spaced } from '@/testing/spaced'
import ChartLegend from './ChartLegend.vue'
import { chartTable, figuresOf } from './chartTable'

const column = (avg: (number | null)[], min = avg, max = avg) => ({ avg, min, max })
const buckets = {
  resolution: 600,
  time: [0, 600],
  coverage: [1, 1],
  columns: { cpu: column([12, 20], [3, 18], [100, 24]), memory: column([40, 50]) },
}
const raw = { resolution: 15, time: [0, 15], coverage: [1, 1], columns: { cpu: column([12, 30]) } }

function legend(series: typeof buckets | typeof raw, row: number | null, metrics = Object.keys(series.columns)) {
  const table = chartTable(series, metrics)
  const figures = table.lines.map((line) => figuresOf(line, table.coverage))
  const nameOf = (line: string) => line.toUpperCase()
  return mount(ChartLegend, {
    props: { table, figures, row, thresholds: [], unit: 'cpu', nameOf, hidden: new Set<string>() },
    global: { plugins: [i18n] },
  })
}
const said = (...given: Parameters<typeof legend>) =>
  legend(...given)
    .findAll('.line:not(.heads)')
    .map((line) => spaced(line.text()).replace(/\s+/g, ' '))

describe('the legend', () => {
  it('says minimum, average and maximum of the range', () => {
    expect(said(buckets, null)).toEqual(['CPU min 3 % avg 16 % max 100 %', 'MEMORY min 40 % avg 45 % max 50 %'])
    expect(said(raw, null)).toEqual(['CPU min 12 % avg 21 % max 30 %'])
  })

  it('says those of the bucket under the cursor, or the value of the sample', () => {
    expect(said(buckets, 1, ['cpu'])).toEqual(['CPU min 18 % avg 20 % max 24 %'])
    expect(said(raw, 1)).toEqual(['CPU value 30 %'])
  })

  it('hides one of several lines, and shows it again', async () => {
    const wrapper = legend(buckets, null)
    const [cpu] = wrapper.findAll('button')
    await cpu?.trigger('click')
    expect(wrapper.emitted('update:hidden')?.at(-1)).toEqual([new Set(['cpu'])])
    await wrapper.setProps({ hidden: new Set(['cpu']) })
    expect(cpu?.attributes('aria-pressed')).toBe('false')
    await cpu?.trigger('click')
    expect(wrapper.emitted('update:hidden')?.at(-1)).toEqual([new Set()])
    expect(legend(raw, null).findAll('button')).toEqual([])
  })
})
