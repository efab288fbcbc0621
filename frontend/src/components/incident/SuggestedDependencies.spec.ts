import { flushPromises } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { button, fakeServer, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: SuggestedDependencies } = await import('./SuggestedDependencies.vue')

const REQUEST = {
  method: 'POST',
  headers: [{ name: 'Authorization', value: null, secret: true }],
  body: '{}',
  redirects: 5,
  ca: null,
}
const CHECK = { name: 'shop', kind: 'http', target: 'https://shop.example', interval: 60, timeout: 10 }
const ASKED = { attempts: 2, server_id: 3, expect: { statuses: '2xx' }, request: REQUEST }
const suggested = (child: object) => ({
  ...child,
  name: 'shop',
  depends_on: { server_id: 9, name: 'switch' },
  together: 9,
  alone: 0,
  pages_removed: 8,
  useful_lost: 0,
})

async function accepted(child: object) {
  server.asked = []
  server.answers = {
    'GET /api/dependencies/suggestions': () => [suggested(child)],
    'GET /api/servers/3': () => ({ id: 3, depends_on: [{ check_id: 5, name: 'uplink' }] }),
    'GET /api/checks/4': () => ({ id: 4, ...CHECK, ...ASKED, depends_on: [{ check_id: 5, name: 'uplink' }] }),
    'PUT /api/servers/3': () => ({}),
    'PUT /api/checks/4': () => ({}),
  }
  const { wrapper } = await shown(SuggestedDependencies)
  button('Search').click()
  await vi.waitFor(() => expect(wrapper.text()).toContain('9 of 9'))
  button('Add dependency').click()
  await vi.waitFor(() => expect(server.asked.some(([call]) => call.startsWith('PUT'))).toBe(true))
  await flushPromises()
  wrapper.unmount()
  return server.asked.find(([call]) => call.startsWith('PUT'))
}

const DEPENDS_ON = [{ check_id: 5 }, { server_id: 9 }]

it('adds what a server depends on to what it had', async () => {
  expect(await accepted({ server_id: 3 })).toEqual(['PUT /api/servers/3', { depends_on: DEPENDS_ON }])
})

it('changes nothing else of a check, whose request may have secrets', async () => {
  const whole = { ...CHECK, ...ASKED, depends_on: DEPENDS_ON }
  expect(await accepted({ check_id: 4 })).toEqual(['PUT /api/checks/4', whole])
})
