import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Profile } from '@/api/types'
import { button, fakeServer, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: FirstSteps } = await import('./FirstSteps.vue')
let unmount = () => {}
let works = false
let linked: { id: number }[] = []

async function card(profile: Partial<Profile> = {}) {
  const { wrapper } = await shown(FirstSteps, { email: 'ann@example.com', ...profile })
  unmount = () => wrapper.unmount()
  await flushPromises()
  return wrapper
}

beforeEach(() => {
  works = false
  linked = []
  server.asked = []
  const vm = () => ({ id: 7, server_name: 'vm', users: linked })
  server.answers = {
    'GET /api/alerts/coverage': () => ({
      mail_configured: works,
      untold: linked.length === 0 ? [{ policy_id: 1, metric: 'cpu', servers: [{ id: 7, name: 'vm' }] }] : [],
    }),
    'GET /api/settings/mail': () => ({ works }),
    'GET /api/servers/ordered': () => ({ matching: 1, servers: [vm()] }),
    'POST /api/servers/batch': ({ user_ids }) => {
      linked = (user_ids as number[]).map((id) => ({ id }))
      return null
    },
  }
})
afterEach(() => unmount())

it('links the reader to a server whose alerts nobody gets', async () => {
  const wrapper = await card()
  expect(wrapper.text()).toContain('0 of 3 done')
  button('Link me to vm').click()
  await flushPromises()
  const links = server.asked.filter(([call]) => call === 'POST /api/servers/batch').map(([, body]) => body)
  expect(links).toEqual([{ action: 'link_users', user_ids: [1], server_ids: [7] }])
  expect(wrapper.text()).toContain('1 of 3 done')
  expect(wrapper.text()).not.toContain('Link me')
})

it('asks for an address first', async () => {
  expect((await card({ email: null })).text()).not.toContain('Link me')
})

it('counts mail as done once a mail was sent', async () => {
  works = true
  const wrapper = await card()
  expect(wrapper.text()).toContain('1 of 3 done')
  expect(wrapper.text()).not.toContain('No mail server')
})

it('is for administrators', async () => {
  expect((await card({ role: 'user' })).text()).toBe('')
  expect(server.asked).toEqual([])
})
