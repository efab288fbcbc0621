import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { button, fakeServer, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: NotificationsPage } = await import('./NotificationsPage.vue')
let unmount: () => void

const row = (id: number, given: object) => ({
  id,
  alert_id: 5,
  event: 'fired',
  server_id: 3,
  check_id: null,
  check_in_id: null,
  server_name: 'web',
  metric: 'cpu',
  level: 'critical',
  value: 90,
  recipient: 'ben@example.com',
  user_id: 2,
  channel_id: null,
  delivery: 'sent',
  attempts: 1,
  last_error: null,
  created_at: '2026-11-25 10:05:12',
  sent_at: '2026-11-25 10:05:22',
  ...given,
})

async function page(query = '') {
  server.answers = {
    'GET /api/notifications': () => [
      row(3, { event: 'resolved', check_id: 4, user_id: null, channel_id: 1 }),
      row(2, { alert_id: null }),
      row(1, {}),
    ],
    'GET /api/users/options': () => [{ id: 2, username: 'ben' }],
    'GET /api/servers/names': () => [],
  }
  const routes = ['/notifications', '/explain', '/alerts/:id'].map((path) => ({
    path,
    component: { render: () => null },
  }))
  const router = createRouter({ history: createMemoryHistory(), routes })
  await router.push(`/notifications?${query}`)
  const { wrapper } = await shown(NotificationsPage, {}, {}, [router])
  unmount = () => wrapper.unmount()
  await flushPromises()
  return { wrapper, router }
}

afterEach(() => unmount())

it('explains each notification about an alert that is still there; of an end, the moment before', async () => {
  const { wrapper } = await page()
  const links = wrapper.findAllComponents({ name: 'RouterLink' }).map((link) => link.props('to') as unknown)
  expect(links.filter((to) => typeof to === 'object')).toEqual([
    { path: '/explain', query: { check_id: 4, metric: 'cpu', at: '2026-11-25 10:05:11' } },
    { path: '/explain', query: { server_id: 3, metric: 'cpu', at: '2026-11-25 10:05:12', user_id: 2 } },
  ])
})

it('clears all filters, which are in the address', async () => {
  const { router } = await page('user_id=2&server_id=3&delivery=sent&from=2026-11-25T10:00:00Z')
  button('Clear').click()
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({})
})
