import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import * as servers from '@/api/servers'
import { i18n } from '@/locales'
import ForecastsPage from './ForecastsPage.vue'

const asked: unknown[] = []
let count = 2
const aDisk = (server_id: number) => ({
  server_id,
  server_name: `db-${server_id}`,
  metric: 'disk:/var',
  value: 91.5,
  per_day: 1.25,
  full_at: '2026-12-08 10:00:00',
})
beforeEach(() => {
  vi.spyOn(servers, 'listFilling').mockImplementation(async ({ query } = {}) => {
    asked.push(query)
    const items = Array.from({ length: count }, (_, at) => aDisk(at + (query?.cursor === null ? 1 : 10)))
    return { items, next: count > 0 && query?.cursor === null ? 'more' : null }
  })
  asked.length = 0
  count = 2
})

async function opened(path: string) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: {} }] })
  await router.push(path)
  const page = mount(ForecastsPage, { global: { plugins: [createPinia(), router, i18n] } })
  await flushPromises()
  return page
}

it('lists the disks page by page, with the way to the charts of their servers', async () => {
  const page = await opened('/forecasts?sort=-rate')
  const row = page.find('tbody tr')
  expect(row.text()).toContain('db-1')
  expect(row.text()).toMatch(/\+1\.25\s%/)
  expect(row.findAll('a').map((link) => link.attributes('href'))).toEqual(['/servers/1', '/servers/1?range=7d'])
  await page.findAll('button').at(-1)!.trigger('click')
  await flushPromises()
  expect(page.findAll('tbody tr')).toHaveLength(4)
  expect(asked).toEqual([
    { sort: '-rate', limit: 50, cursor: null },
    { sort: '-rate', limit: 50, cursor: 'more' },
  ])
})

it('says that no disk fills up, and takes no unknown order', async () => {
  count = 0
  const page = await opened('/forecasts?sort=size')
  expect(page.text()).toContain('No file system is filling up')
  expect(asked).toEqual([{ sort: 'full', limit: 50, cursor: null }])
})
