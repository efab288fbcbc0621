import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { button, fakeServer, Refusal, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: SingleSignOnSection } = await import('./SingleSignOnSection.vue')

const SAM = { username: 'sam', email: null, created_at: '2030-01-01 12:00:00', last_used_at: '2030-01-01 12:00:00' }
let unmount: () => void

async function opened(path = '/profile') {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: {} }] })
  await router.push(path)
  const { wrapper } = await shown(SingleSignOnSection, {}, {}, [router])
  unmount = () => wrapper.unmount()
  await flushPromises()
  return wrapper
}

beforeEach(() => {
  server.asked = []
  server.answers = {
    'GET /api/auth/methods': () => ({ password: true, oidc: { name: 'Example' }, passkeys: false }),
    'GET /api/auth/oidc/join': () => null,
  }
})

afterEach(() => unmount())

it('is not shown where there is no single sign-on', async () => {
  server.answers['GET /api/auth/methods'] = () => ({ password: true, oidc: null, passkeys: false })
  expect((await opened()).text()).toBe('')
})

it('offers to join, and comes back to this page', async () => {
  server.answers['POST /api/auth/oidc/join'] = () => {
    throw new Refusal(503, 'issuer_unavailable')
  }
  expect((await opened()).text()).toContain('Connect your account to Example')
  button('Connect to Example').click()
  await flushPromises()
  expect(server.asked.at(-1)).toEqual(['POST /api/auth/oidc/join', { next: '/profile' }])
})

it('says as whom the user is joined', async () => {
  server.answers['GET /api/auth/oidc/join'] = () => SAM
  expect((await opened()).text()).toContain('You log in with Example as sam.')
})

it('says why an attempt to join failed', async () => {
  expect((await opened('/profile?error=taken')).get('[role=alert]').text()).toContain('already belongs to an account')
})

it('is parted after a question', async () => {
  server.answers['GET /api/auth/oidc/join'] = () => SAM
  server.answers['DELETE /api/auth/oidc/join'] = () => null
  await opened()
  button('Disconnect').click()
  await flushPromises()
  expect(document.querySelector('.el-dialog')?.textContent).toContain('You can then no longer log in with Example')
  button('Disconnect').click()
  await flushPromises()
  expect(server.asked).toContainEqual(['DELETE /api/auth/oidc/join', undefined])
})

it('is not parted if it is the only way in', async () => {
  server.answers['GET /api/auth/methods'] = () => ({ password: false, oidc: { name: 'Example' }, passkeys: false })
  server.answers['GET /api/auth/oidc/join'] = () => SAM
  const wrapper = await opened()
  expect(wrapper.text()).toContain('It is your only way to log in')
  expect(wrapper.find('button').exists()).toBe(false)
})
