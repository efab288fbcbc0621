import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { i18n, showIn } from '@/locales'
import { spaced } from '@/testing/spaced'
import NeighbourList from './NeighbourList.vue'
import type { Neighbour } from './neighbours'
import { changesTo } from './neighbours'
import { blankPolicy } from './policyForm'

const OWN: Neighbour = {
  warning: null,
  critical: 95,
  sustained_for: 300,
  clear_margin: 5,
  usual_margin: 5,
  total: 90,
  messages: 85,
  escalations: 0,
  reminders: 0,
  ended_within_hour: 80,
  long_lost: 0,
  median_delay: 0,
}
const SWEEP: Neighbour[] = [
  OWN,
  { ...OWN, critical: 94, messages: 90, median_delay: 0 },
  { ...OWN, critical: 97, messages: 12, median_delay: 240 },
  { ...OWN, critical: 98, messages: 1, long_lost: 2, median_delay: null },
  { ...OWN, sustained_for: 600, messages: 40, median_delay: 300 },
]

function shown(more: object = {}) {
  const list = mount(NeighbourList, {
    props: { sweep: SWEEP, quietest: 2, metric: 'cpu', ...more },
    global: { plugins: [i18n] },
  })
  return { list, sentences: () => list.findAll('li button .sr-only').map((sentence) => spaced(sentence.text())) }
}

describe('in English', () => {
  it('says in a sentence what each change would do', async () => {
    await showIn('en')
    expect(shown().sentences()).toEqual([
      'Critical 95 % → 94 %: 90 notifications instead of 85, loses none that lasted over an hour',
      'Critical 95 % → 97 %: 12 notifications instead of 85, loses none that lasted over an hour, 4 min later',
      'Critical 95 % → 98 %: 1 notification instead of 85, loses 2 that lasted over an hour',
      'Fires after 5 min → 10 min: 40 notifications instead of 85, loses none that lasted over an hour, 5 min later',
    ])
  })

  it('advises the quietest, and a click takes it', async () => {
    await showIn('en')
    const { list } = shown()
    expect(spaced(list.get('.better').text())).toContain('Critical 95 % → 97 %: 12 notifications instead of 85')
    await list.get('.better button').trigger('click')
    await list.findAll('li button').at(-1)!.trigger('click')
    expect(list.emitted('take')).toEqual([[SWEEP[2]], [SWEEP[4]]])
  })

  it('says so if no change is better, and offers none where nothing may be changed', async () => {
    await showIn('en')
    expect(shown({ quietest: 0 }).list.text()).toContain('No single change makes it quieter')
    const { list } = shown({ disabled: true })
    expect(list.findAll('button:not([disabled])')).toHaveLength(0)
  })
})

it('says it in Chinese', async () => {
  await showIn('zh-CN')
  expect(shown().sentences()[1]).toBe('严重 95 % → 97 %：通知由 85 条变为 12 条，不漏掉超过一小时的告警，晚 4 分钟')
  await showIn('en')
})

it('keeps a margin that follows the thresholds, and sets another', () => {
  const values = { ...blankPolicy({ tag: null, server_id: null }), warning: null, critical: 95 }
  expect(changesTo(SWEEP[2]!, values)).toEqual({ warning: null, critical: 97, sustained_for: 300, clear_margin: null })
  expect(changesTo({ ...OWN, clear_margin: 7 }, values).clear_margin).toBe(7)
})
