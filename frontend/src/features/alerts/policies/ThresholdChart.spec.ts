import { mount } from '@vue/test-utils'
import { beforeAll, expect, it } from 'vitest'
import { i18n, showIn } from '@/locales'
import ThresholdChart from './ThresholdChart.vue'

beforeAll(() => showIn('en'))

const PEAKS = [
  { at: '2026-11-01 00:00:00', value: 40 },
  { at: '2026-11-01 01:00:00', value: 96 },
]

function shown(more: object = {}) {
  const chart = mount(ThresholdChart, {
    props: {
      peaks: PEAKS,
      metric: 'cpu',
      direction: 'above' as const,
      warning: 70,
      critical: 85,
      days: ['2026-11-01', '2026-11-02'],
      ...more,
    },
    global: { plugins: [i18n] },
  })
  const line = (name: string) => chart.get(`[role=slider][aria-label="${name} line"]`)
  /** The chart is 100 pixels high. */
  chart.get('.area').element.getBoundingClientRect = () => new DOMRect(0, 0, 400, 100)
  for (const each of chart.findAll('[role=slider]')) each.element.setPointerCapture = () => undefined
  return { chart, line, moved: () => (chart.emitted('move') ?? []).map(([change]) => change) }
}

it('says its value and range to screen readers', () => {
  const { line } = shown()
  const attributes = line('Critical').attributes()
  expect(
    ['aria-valuemin', 'aria-valuemax', 'aria-valuenow', 'aria-valuetext', 'tabindex'].map((name) => attributes[name]),
  ).toEqual(['0', '100', '85', '85\u00a0%', '0'])
})

it('is moved by the keyboard', async () => {
  const { line, moved } = shown()
  for (const key of ['ArrowUp', 'ArrowDown', 'PageUp', 'End', 'Home', 'a'])
    await line('Critical').trigger('keydown', { key })
  expect(moved()).toEqual([{ critical: 86 }, { critical: 84 }, { critical: 95 }, { critical: 100 }, { critical: 71 }])
})

it('follows the pointer while it is held, and not after', async () => {
  const { line, moved } = shown()
  const critical = line('Critical')
  await critical.trigger('pointermove', { clientY: 5 })
  await critical.trigger('pointerdown', { clientY: 15 })
  await critical.trigger('pointermove', { clientY: 8.2 }) // 6.8 % of the height
  await line('Warning').trigger('pointermove', { clientY: 50 })
  await critical.trigger('pointerup')
  await critical.trigger('pointermove', { clientY: 20 })
  expect(moved()).toEqual([{ critical: 92 }])
})

it('has no line for an absent threshold, and none that moves where nothing may be changed', async () => {
  const { chart, line, moved } = shown({ warning: null, disabled: true })
  expect(chart.findAll('[role=slider]')).toHaveLength(1)
  await line('Critical').trigger('keydown', { key: 'ArrowUp' })
  await line('Critical').trigger('pointerdown', { clientY: 15 })
  await line('Critical').trigger('pointermove', { clientY: 5 })
  expect(moved()).toEqual([])
  expect(line('Critical').attributes('tabindex')).toBe('-1')
})
