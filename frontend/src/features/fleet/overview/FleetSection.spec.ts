import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import * as groups from '@/api/groups'
import * as servers from '@/api/servers'
import { i18n, loadAllWords, showIn } from '@/locales'
import FleetSection from './FleetSection.vue'

const asked: unknown[] = []

beforeEach(async () => {
  vi.spyOn(groups, 'listGroups').mockImplementation(async ({ query }) => {
    asked.push(query)
    const counts = { total: 2, critical: 1, offline: 0, warning: 0, never: 0, ok: 1, unacknowledged: 1 }
    const medians = { cpu: 12, memory: null, disk: 40 }
    const web = { kind: 'tag', value: 'web', worst: 'critical', counts, medians, groups: [] }
    return [{ ...web, server_ids: [1, 2], states: 'Ck', values: [90, 10] }] as never
  })
  vi.spyOn(servers, 'listOrdered').mockResolvedValue({ matching: 0, servers: [] })
  setActivePinia(createPinia())
  asked.length = 0
  await showIn('en')
  await loadAllWords()
})

async function shown(total: number, path = '/') {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:any(.*)*', component: {} }] })
  await router.push(path)
  const page = mount(FleetSection, { props: { total }, global: { plugins: [router, i18n] } })
  await vi.dynamicImportSettled()
  await flushPromises()
  return { page, router }
}

it('few servers are cards, and more are a map; only of few one may choose', async () => {
  const views = async (total: number, path?: string) => {
    const { page } = await shown(total, path)
    return [page.text().includes('Group by'), page.text().includes('Cards')]
  }
  expect(await views(5)).toEqual([false, true])
  expect(await views(5, '/?view=map')).toEqual([true, true])
  expect(await views(60)).toEqual([true, true])
  expect(await views(5_000, '/?view=cards')).toEqual([true, false])
})

it('a group says how it does, and leads to the list of its servers', async () => {
  const { page } = await shown(500, '/?by=tag&fill=cpu')
  await vi.waitFor(() => expect(page.find('a').exists()).toBe(true))
  expect(asked[0]).toEqual({ by: 'tag', metric: 'cpu', cells: true })
  expect(page.find('a').attributes('href')).toBe('/servers?tag=web')
  expect(page.find('a').text()).toContain('1 Critical')
  expect(page.find('a').text()).toContain('CPU 12')
})

it('what is chosen stays in the address, and no kind is inside itself but tags', async () => {
  const { page, router } = await shown(500, '/?by=network,rack')
  const [first, second, fill] = page.findAll('select')
  expect(second!.findAll('option').map((option) => option.text())).toEqual(['nothing else', 'Tag', 'Team'])
  await second!.setValue('team')
  await flushPromises()
  await first!.setValue('team')
  await flushPromises()
  await fill!.setValue('unacknowledged')
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ by: 'team', fill: 'unacknowledged' })
})
