import { mount } from '@vue/test-utils'
import { shallowRef } from 'vue'
import { expect, it } from 'vitest'
import type { Backtest } from '@/api/types'
import { i18n, showIn } from '@/locales'
import { EVERYTHING } from '@/composables/subjects'
import BacktestPanel from './BacktestPanel.vue'
import { blankPolicy } from './policyForm'
import type { useBacktest } from './useBacktest'

function shown(already_firing: number, verdicts: Partial<Backtest['verdicts']> = {}): string {
  const result: Backtest = {
    total: 0,
    already_firing,
    firing_seconds: 0,
    per_day: [],
    servers: [],
    alerts: [],
    sweep: [],
    escalations: 0,
    reminders: 0,
    ended_within_hour: 0,
    quietest: null,
    peaks: [],
    verdicts: { useful_kept: 0, useful_lost: 0, noise_kept: 0, noise_removed: 0, ...verdicts },
  }
  const never = shallowRef(false)
  const test: ReturnType<typeof useBacktest> = {
    result: shallowRef(result),
    tested: shallowRef(),
    error: shallowRef(),
    isRunning: never,
    isStale: never,
    isCancelled: never,
    progress: shallowRef(1),
    start: () => Promise.resolve(),
    cancel: () => undefined,
  }
  const panel = mount(BacktestPanel, {
    props: { test, values: blankPolicy(EVERYTHING), isComplete: true, mayTake: true, days: 7 },
    global: { plugins: [i18n] },
  })
  return panel.get('.total').text()
}

it('tells what was firing before the period, beside the total', async () => {
  expect(shown(3)).toMatch(/^0 times.*3 were already firing when the period began and are not counted$/)
  expect(shown(1)).toContain('1 was already firing when the period began and is not counted')
  expect(shown(0)).not.toContain('already')
  await showIn('zh-CN')
  expect(shown(3)).toContain('回测期开始时已有 3 条在触发，不计入次数')
})

it('says what it would do to alerts with a verdict', () => {
  expect(shown(0)).not.toContain('verdicts')
  expect(shown(0, { useful_kept: 2, useful_lost: 1, noise_removed: 7 })).toContain(
    'By your verdicts: 2 useful kept, 1 lost; 7 noise removed, 0 kept',
  )
})
