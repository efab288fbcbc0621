import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { fakeServer, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: ExplainPage } = await import('./ExplainPage.vue')
let unmount: () => void

const person = (user_id: number, username: string, reason: string) => ({
  user_id,
  username,
  channel_id: null,
  channel: null,
  told: false,
  reason,
  at: null,
  error: null,
  ways: [],
})
const explanation = (given: object = {}) => ({
  server_id: 3,
  check_id: null,
  check_in_id: null,
  server_name: 'web',
  metric: 'cpu',
  kind: 'threshold',
  fired: [
    { alert_id: 5, metric: 'cpu', kind: 'threshold' },
    { alert_id: 6, metric: 'memory', kind: 'threshold' },
  ],
  at: '2026-11-25 10:05:59',
  policy: {},
  policy_changed_at: null,
  value: 90,
  state: 'firing',
  level: 'critical',
  alert_id: 5,
  sustained: null,
  silence: null,
  offline: false,
  acknowledged: false,
  held: false,
  depends_on: null,
  recorded: true,
  recipients: [person(1, 'ann', 'not_linked'), person(2, 'ben', 'silenced'), person(3, 'far', 'not_linked')],
  escalations: [],
  others: 2,
  ...given,
})

async function page(query: string, answer: object) {
  server.answers = {
    'GET /api/alerts/explain': () => answer,
    'GET /api/users/options': () => [{ id: 2, username: 'ben' }],
    'GET /api/servers/names': () => [],
  }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/explain', component: ExplainPage }],
  })
  await router.push(`/explain?${query}`)
  const { wrapper } = await shown(ExplainPage, {}, {}, [router])
  unmount = () => wrapper.unmount()
  await flushPromises()
  return { wrapper, router }
}

afterEach(() => unmount())

it('asks for a server or check first', async () => {
  const { wrapper } = await page('', explanation())
  expect(wrapper.text()).toContain('Choose a server or a check')
  expect(wrapper.find('section').exists()).toBe(false)
})

it('begins with the person who is asked about, and counts who is not linked', async () => {
  const { wrapper } = await page('server_id=3&user_id=2&at=2026-11-25 10:05:59', explanation())
  expect(wrapper.find('section h2').text()).toBe('web · CPU')
  expect(wrapper.findAll('section li').map((row) => row.text())).toEqual(['ben Held back by a silence.'])
  expect(wrapper.text()).toContain('4 people are not linked to it')
})

it('says that somebody who is not listed was not linked', async () => {
  const { wrapper } = await page('server_id=3&user_id=9', explanation())
  expect(wrapper.find('section li').text()).toBe('The chosen person: Was not linked to the server.')
})

it('changes to another alert of the same moment, in the address', async () => {
  const { wrapper, router } = await page('server_id=3', explanation())
  await wrapper.find('section input[type=radio][value="6"]').setValue(true)
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ server_id: '3', metric: 'memory', kind: 'threshold' })
})

it('says that nothing fired', async () => {
  const { wrapper } = await page('server_id=3', explanation({ fired: [], alert_id: null, state: 'ok' }))
  expect(wrapper.text()).toContain('No alert of web was firing at')
  expect(wrapper.find('section').exists()).toBe(false)
})
