import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import * as servers from '@/api/servers'
import type { Alert, FleetCounts } from '@/api/types'
import { i18n } from '@/locales'
import { useFiring } from '@/stores/firing'
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

const aDisk = (server_id: number) => ({
  server_id,
  server_name: `db-${server_id}`,
  metric: 'disk',
  value: 90,
  per_day: 1,
})
let filling: object[] = []
const asked: unknown[] = []

beforeEach(() => {
  vi.spyOn(servers, 'getSome').mockResolvedValue([])
  vi.spyOn(servers, 'listFilling').mockImplementation(async ({ query } = {}) => {
    asked.push(query)
    return { items: filling, next: null } as never
  })
  vi.spyOn(servers, 'listOrdered').mockResolvedValue({ matching: 0, servers: [] })
  setActivePinia(createPinia())
  filling = []
})

async function shown(counts?: FleetCounts, alerts: Alert[] = []) {
  useFleet().counts = counts
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:any(.*)*', component: {} }] })
  const list = mount(AttentionList, {
    props: { alerts, outages: [], isCut: false, isLoaded: true },
    global: { plugins: [router, i18n] },
  })
  const before = list.text()
  await flushPromises()
  return { before, after: list.text(), list }
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

it('disks that fill up within two weeks need attention, unless an alert says so already', async () => {
  filling = [1, 2].map((id) => ({ ...aDisk(id), full_at: '2026-12-08 10:00:00' }))
  useFiring().alerts = [{ id: 3, server_id: 1, check_id: null, check_in_id: null, metric: 'disk' } as Alert]
  const { after } = await shown(COUNTS)
  expect(after).toContain('db-2')
  expect(after).not.toContain('db-1')
  expect(after).not.toContain('All clear')
  expect(asked.at(-1)).toEqual({ within: 14, limit: 5 })
})

it('nothing is clear while nobody knows how many report', async () => {
  expect((await shown()).after).not.toContain('All clear')
})

it('a full disk is one row: the worst level, and when it is full', async () => {
  filling = [{ ...aDisk(1), metric: 'disk:/', full_at: '2099-12-08 10:00:00' }]
  const base = { server_id: 1, server_name: 'db-1', check_id: null, check_in_id: null, acknowledged_at: null }
  const alert = (id: number, metric: string, level: string) =>
    ({ ...base, id, metric, level, value: 97, expected_at: null, started_at: '2026-12-07 08:00:00' }) as Alert
  const { list } = await shown(COUNTS, [alert(1, 'disk', 'critical'), alert(2, 'disk:/', 'warning')])
  expect(list.findAll('li')).toHaveLength(1)
  expect(list.find('li').text()).toMatch(/Critical.*db-1.*97.*full in/)
})
