import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import type { Alert, Level } from '@/api/types'
import { i18n } from '@/locales'
import { useFiring } from '@/stores/firing'
import FiringCount from './FiringCount.vue'

beforeEach(() => setActivePinia(createPinia()))

function shown(levels: Level[], isCut = false) {
  const firing = useFiring()
  firing.alerts = levels.map((level) => ({ level }) as Alert)
  firing.isCut = isCut
  return mount(FiringCount, { global: { plugins: [i18n] } })
}

it('is nothing where nothing fires', () => {
  expect(shown([]).text()).toBe('')
})

it('has the colour, the shape and the word of the worst', () => {
  const warnings = shown(['warning', 'warning'])
  expect([warnings.classes(), warnings.text()]).toEqual([['count', 'warning'], '2 Warning'])
  const worse = shown(['warning', 'critical'])
  expect([worse.classes(), worse.text()]).toEqual([['count', 'critical'], '2 Critical'])
  expect(warnings.find('path').attributes('d')).not.toBe(worse.find('path').attributes('d'))
})

it('says that there are more than it knows as every other count does', () => {
  expect(
    shown(
      Array.from({ length: 1_000 }, () => 'warning'),
      true,
    ).text(),
  ).toBe('1,000+ Warning')
})
