import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { button, fakeServer, shown, type } from '@/testing/fakeServer'

const server = fakeServer()
const { default: UserDialog } = await import('./UserDialog.vue')
const { useMethods } = await import('@/stores/methods')
let unmount: () => void

async function opened(password: boolean) {
  server.answers['GET /api/auth/methods'] = () => ({ password, oidc: { name: 'Example' }, passkeys: false })
  const { wrapper } = await shown(UserDialog, {}, { modelValue: true })
  unmount = () => wrapper.unmount()
  await useMethods().refresh()
  await flushPromises()
}

async function create(): Promise<unknown> {
  button('Create').click()
  await flushPromises()
  return server.asked.find(([call]) => call === 'POST /api/users')?.[1]
}

beforeEach(() => {
  server.asked = []
  server.answers = { 'POST /api/users': () => ({ id: 7 }) }
})
afterEach(() => unmount())

it('creates a user with the password that was given', async () => {
  await opened(true)
  type('username', 'ben')
  type('password', 'given to ben')
  expect(await create()).toEqual({ username: 'ben', password: 'given to ben', role: 'user', email: null, locale: null })
})

it('sends the language that was chosen', async () => {
  await opened(true)
  type('username', 'ben')
  type('password', 'given to ben')
  document.querySelector<HTMLInputElement>('input[type=radio][value=en]')!.click()
  await flushPromises()
  expect(await create()).toMatchObject({ username: 'ben', locale: 'en' })
})

it('asks for no password where none is taken, and sends none', async () => {
  await opened(false)
  expect(document.querySelector('input[name=password]')).toBeNull()
  expect(document.body.textContent).toContain('monitor user login-link')
  type('username', 'ben')
  expect(await create()).toMatchObject({ username: 'ben', password: null })
})
