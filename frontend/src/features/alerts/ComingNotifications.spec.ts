import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import * as admin from '@/api/admin'
import type { ComingNotification } from '@/api/types'
import { i18n, showIn } from '@/locales'
import ComingNotifications from './ComingNotifications.vue'

const BASE = { channel: null, way: null, parent: null, escalation: null, step: null, error: null }
const one = (username: string, given: Partial<ComingNotification> = {}): ComingNotification => ({
  ...BASE,
  username,
  at: '2026-12-07 10:00:00',
  reason: null,
  ...given,
})

beforeEach(async () => {
  setActivePinia(createPinia())
  vi.spyOn(admin, 'listChannelKinds').mockResolvedValue([])
  await showIn('en')
})

const shown = (...coming: ComingNotification[]) =>
  mount(ComingNotifications, { props: { coming }, global: { plugins: [i18n] } })

it('people who wait for the same are one entry, with their ways', () => {
  const list = shown(
    one('ann', { reason: 'silenced', way: 'mail' }),
    one('bob', { reason: 'silenced' }),
    one('cem', { reason: 'held' }),
  )
  expect(list.findAll('li')).toHaveLength(2)
  expect(list.find('li').text()).toMatch(/ann.*mail.*bob.*A silence holds it back/s)
})

it('names what it depends on, or says that it is hidden', () => {
  const down = { reason: 'suppressed_by', at: null } as const
  expect(shown(one('ann', { ...down, parent: { id: 1, name: 'switch' } })).text()).toMatch(/Time not known.*switch is/s)
  expect(shown(one('ann', down)).text()).toContain('Something you cannot see')
})

it('names the step, and why the last attempt failed', () => {
  const step = { reason: 'step_not_due', escalation: 'nights', step: 2 } as const
  expect(shown(one('ann', step)).text()).toContain('Step 2 of “nights”')
  expect(shown(one('ann', { error: 'refused' })).text()).toContain('failed, the next one follows: refused')
})

it('shows nothing while nothing waits', () => {
  expect(shown().text()).toBe('')
})
