import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { ApiError } from '@/api/envelope'
import * as groups from '@/api/groups'
import { i18n, showIn } from '@/locales'
import WallboardPage from './WallboardPage.vue'

const COUNTS = { total: 7, critical: 0, offline: 0, warning: 0, never: 0, ok: 7, unacknowledged: 0 }

beforeEach(async () => {
  setActivePinia(createPinia())
  await showIn('en')
})

async function shown(address: string) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:any(.*)*', component: {} }] })
  await router.push(address)
  const page = mount(WallboardPage, { global: { plugins: [router, i18n] } })
  await flushPromises()
  return page
}

it('a link asks with its token, and a user with none', async () => {
  const asked = vi.spyOn(groups, 'getWallboard').mockResolvedValue({ counts: COUNTS, groups: [], alerts: [] })
  for (const page of [await shown('/wallboard'), await shown('/wallboard#secret')]) expect(page.text()).toContain('7')
  expect(asked.mock.calls.map(([token]) => token)).toEqual(['', 'secret'])
})

it('only a link with a token is said to be revoked', async () => {
  const refusal = new ApiError(401, 'unauthenticated', 'Please log in')
  vi.spyOn(groups, 'getWallboard').mockRejectedValue(refusal)
  expect((await shown('/wallboard')).text()).not.toContain('revoked')
  expect((await shown('/wallboard#secret')).text()).toContain('revoked')
})
