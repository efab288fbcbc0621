import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { aProfile, button, fakeServer, Refusal, shown, type } from '@/testing/fakeServer'

const server = fakeServer()
const { default: LoginPage } = await import('./LoginPage.vue')

const METHODS = { password: true, oidc: null, passkeys: false }
let unmount: () => void

async function opened(path = '/login') {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: {} }] })
  await router.push(path)
  const { wrapper } = await shown(LoginPage, null, {}, [router])
  unmount = () => wrapper.unmount()
  await flushPromises()
  return { router, text: () => wrapper.text(), wrapper }
}

async function submit(): Promise<void> {
  button('Log in').click()
  await flushPromises()
  await vi.dynamicImportSettled() // of the field for a code
  await flushPromises()
}

async function givePassword(): Promise<void> {
  type('username', 'ann')
  type('password', 'secret')
  await submit()
}

beforeEach(() => {
  server.asked = []
  server.answers = {
    'GET /api/auth/methods': () => METHODS,
    'POST /api/auth/login': ({ password, code }) => {
      if (password !== 'secret') throw new Refusal(401, 'invalid_credentials')
      if (code === undefined) throw new Refusal(401, 'code_required')
      if (code !== '123456') throw new Refusal(401, 'invalid_code', 'The code is wrong')
      return { token: 't', expires_at: '', user: aProfile({ has_totp: true }) }
    },
  }
})

afterEach(() => {
  unmount()
  vi.unstubAllGlobals()
})

it('asks for a code after the password, and opens the page that was wanted', async () => {
  const { router, text, wrapper } = await opened('/login?next=/servers')
  await givePassword()
  expect(text()).toContain('The account ann is protected by a second factor')
  expect(text()).not.toContain('it is code_required')
  const field = wrapper.get('input[name=code]')
  expect(field.element).toBe(document.activeElement)
  expect(field.attributes()).toMatchObject({ autocomplete: 'one-time-code', inputmode: 'numeric' })
  type('code', '123 456')
  await submit()
  expect(server.asked.at(-1)).toEqual(['POST /api/auth/login', { username: 'ann', password: 'secret', code: '123456' }])
  expect(router.currentRoute.value.fullPath).toBe('/servers')
})

it('says at the field that a code is wrong, and clears it', async () => {
  const { wrapper } = await opened()
  await givePassword()
  type('code', '000000')
  await submit()
  const field = wrapper.get<HTMLInputElement>('input[name=code]')
  expect(wrapper.get('[role=alert]').text()).toBe('The code is wrong')
  expect([field.element.value, field.attributes('aria-invalid')]).toEqual(['', 'true'])
})

it('takes a recovery code, for which a phone shows letters', async () => {
  const { wrapper } = await opened()
  await givePassword()
  button('Use a recovery code').click()
  await flushPromises()
  expect(wrapper.get('input[name=code]').attributes('inputmode')).toBe('text')
  type('code', 'k3mp-7q2a')
  await submit()
  expect(server.asked.at(-1)?.[1]).toMatchObject({ code: 'k3mp-7q2a' })
})

it('leads back to another account, and to the password if it was changed', async () => {
  const { wrapper } = await opened()
  await givePassword()
  button('Use another account').click()
  await flushPromises()
  expect(wrapper.get<HTMLInputElement>('input[name=password]').element.value).toBe('')
  await givePassword()
  server.answers['POST /api/auth/login'] = () => {
    throw new Refusal(401, 'invalid_credentials')
  }
  type('code', '123456')
  await submit()
  expect(wrapper.find('input[name=password]').exists()).toBe(true)
  expect(wrapper.get('[role=alert]').text()).toContain('it is invalid_credentials')
})

it('says that only a passkey is taken, and how long to wait', async () => {
  const { text } = await opened()
  server.answers['POST /api/auth/login'] = () => {
    throw new Refusal(401, 'passkey_required', 'Log in with your passkey')
  }
  await givePassword()
  expect(text()).toContain('Log in with your passkey')
})

it('has no form where passwords are not taken', async () => {
  server.answers['GET /api/auth/methods'] = () => ({ ...METHODS, password: false, oidc: { name: 'Corp' } })
  const { wrapper } = await opened()
  expect(wrapper.find('form').exists()).toBe(false)
})

it('assumes passwords if the server does not say', async () => {
  server.answers['GET /api/auth/methods'] = () => {
    throw new Refusal(503, 'unavailable')
  }
  expect((await opened()).wrapper.find('input[name=password]').exists()).toBe(true)
})

it.each(['unheard_of', 'constructor', '<b>x</b>', 'other'])('says why %s brought the user back', async (slug) => {
  const { wrapper } = await opened(`/login?error=${encodeURIComponent(slug)}`)
  expect(wrapper.get('[role=alert]').text()).toBe('Log-in failed. Try again.')
})

it('offers single sign-on, which leads to the page that was wanted', async () => {
  server.answers['GET /api/auth/methods'] = () => ({ password: false, oidc: { name: 'Example' }, passkeys: false })
  const { wrapper } = await opened('/login?next=/servers?q=a')
  expect(wrapper.find('input').exists()).toBe(false)
  const button = wrapper.get('a[href^="/api/auth/oidc/login"]')
  expect(button.text()).toBe('Log in with Example')
  expect(button.attributes('href')).toBe('/api/auth/oidc/login?next=%2Fservers%3Fq%3Da')
})

it('logs in with a link once, and forgets it', async () => {
  server.answers['POST /api/auth/login-link'] = () => {
    throw new Refusal(401, 'invalid_link', 'This link is old')
  }
  const { router, text } = await opened('/login#link=abc-_1')
  expect(server.asked).toContainEqual(['POST /api/auth/login-link', { token: 'abc-_1' }])
  expect(router.currentRoute.value.hash).toBe('')
  expect(text()).toContain('This link is old')
})
