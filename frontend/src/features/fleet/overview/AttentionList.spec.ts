import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { FleetCounts } from '@/api/types'
import { i18n } from '@/locales'
import { useFleet } from '@/stores/fleet'
import AttentionList from './AttentionList.vue'

const COUNTS: FleetCounts = {
  total_servers: 20,
  online_servers: 20,
  never_reported: 0,
  offline_servers: 0,
  silenced_servers: 0,
  alert_count: 0,
}

vi.mock('@/api/servers', () => ({
  getSome: async () => [],
  listFilling: async () => [],
  listOrdered: async () => ({ matching: 0, servers: [] }),
}))

beforeEach(() => setActivePinia(createPinia()))

async function shown(counts?: FleetCounts) {
  useFleet().counts = counts
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:any(.*)*', component: {} }] })
  const list = mount(AttentionList, {
    props: { alerts: [], outages: [], isCut: false, isLoaded: true },
    global: { plugins: [router, i18n] },
  })
  const before = list.text()
  await flushPromises()
  return { before, after: list.text() }
}

it('all is clear if every server reports', async () => {
  const { before, after } = await shown(COUNTS)
  expect(after).toContain('All clear')
  expect(before, 'not before it is known').not.toContain('All clear')
})

it('servers that have never reported need attention', async () => {
  const { after } = await shown({ ...COUNTS, offline_servers: 13, never_reported: 13 })
  expect(after).toContain('Never reported · 13 servers')
  expect(after).not.toContain('All clear')
})

it('nothing is clear while nobody knows how many report', async () => {
  expect((await shown()).after).not.toContain('All clear')
})
