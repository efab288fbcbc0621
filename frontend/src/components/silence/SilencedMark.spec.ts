import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import type { Silenced } from '@/api/types'
import { toDate, toWritten } from '@/api/times'
import { i18n, showIn } from '@/locales'
import { aSilence } from '@/testing/aServer'
import SilencedMark from './SilencedMark.vue'

/** A time today by the local clock. */
function today(hour: number): string {
  const at = new Date()
  at.setHours(hour, 0, 0, 0)
  return toWritten(at)
}

const shown = (acting: Silenced[], look: 'full' | 'short' = 'full') =>
  mount(SilencedMark, { props: { acting, look }, global: { plugins: [i18n] } }).text()

it('is nothing where nothing is silenced', () => {
  expect(shown([])).toBe('')
})

it('says which metric, and until when', () => {
  expect(shown([aSilence({ until: today(18) })])).toBe('Silenced until 18:00')
  expect(shown([aSilence({ metric: 'cpu', until: today(18) })])).toBe('CPU silenced until 18:00')
  expect(shown([aSilence({ metric: 'cpu', until: today(19) }), aSilence({ until: today(18) })])).toBe(
    'Silenced until 18:00; CPU silenced until 19:00',
  )
})

it('says it in Chinese', async () => {
  await showIn('zh-CN')
  expect(shown([aSilence({ metric: 'cpu', until: today(18) })])).toBe('CPU 静默至 18:00')
})

it('is short where room is scarce, and whole for who listens', () => {
  expect(
    shown([aSilence({ metric: 'cpu', until: today(18) }), aSilence({ metric: 'disk', until: today(19) })], 'short'),
  ).toBe('CPU until 18:00 +1CPU silenced until 18:00; Disk silenced until 19:00')
})

it('names the day where it is another', () => {
  const later = new Date(toDate(today(18)).getTime() + 3 * 86_400_000)
  expect(shown([aSilence({ until: toWritten(later) })])).toMatch(/^Silenced until .*\d.*18:00$/)
})
