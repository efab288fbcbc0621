import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { aProfile, button, fakeServer, Refusal, shown, type } from '@/testing/fakeServer'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Profile } from '@/api/types'

const server = fakeServer()
const { default: ConfirmationDialog } = await import('./ConfirmationDialog.vue')
const { useConfirmation } = await import('@/stores/confirmation')
const confirmations = () =>
  server.asked.filter(([call]) => call === 'POST /api/auth/reauthenticate').map(([, body]) => body)
const dialog = () => document.body.textContent ?? ''
let unmount: () => void

async function asked(profile: Partial<Profile> = {}) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: {} }] })
  await router.push('/users')
  const { wrapper, session } = await shown(ConfirmationDialog, profile, {}, [router])
  unmount = () => wrapper.unmount()
  const confirmation = useConfirmation()
  const answer = confirmation.ask()
  await flushPromises()
  return { session, confirmation, answer }
}

async function confirm(): Promise<void> {
  button('Confirm').click()
  await flushPromises()
}

beforeEach(() => {
  server.asked = []
  server.answers = { 'POST /api/auth/reauthenticate': () => aProfile({ fresh_until: '2099-01-01 00:00:00' }) }
})
afterEach(() => {
  unmount()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

it('confirms with the password, and the session is fresh', async () => {
  const { session, confirmation, answer } = await asked()
  type('password', 'secret')
  await flushPromises()
  await confirm()
  expect(await answer).toBe(true)
  expect([confirmation.isAsking, session.isFresh()]).toEqual([false, true])
  expect(confirmations()).toEqual([{ password: 'secret' }])
})

it('asks for a code too if the account has a second factor', async () => {
  const { answer } = await asked({ has_totp: true })
  type('password', 'secret')
  type('code', '123456')
  await flushPromises()
  await confirm()
  expect(await answer).toBe(true)
  expect(confirmations()).toEqual([{ password: 'secret', code: '123456' }])
})

it('asks for a code that the server wants unexpectedly', async () => {
  server.answers['POST /api/auth/reauthenticate'] = ({ code }) => {
    if (code === undefined) throw new Refusal(401, 'code_required')
    return aProfile()
  }
  const { answer } = await asked()
  type('password', 'secret')
  await flushPromises()
  await confirm()
  type('code', '123456')
  await confirm()
  expect(await answer).toBe(true)
})

it('stays open after a wrong password, and can be cancelled', async () => {
  server.answers['POST /api/auth/reauthenticate'] = () => {
    throw new Refusal(401, 'invalid_credentials', 'Wrong password')
  }
  const { confirmation, answer } = await asked()
  type('password', 'wrong')
  await flushPromises()
  await confirm()
  expect(dialog()).toContain('Wrong password')
  expect(confirmation.isAsking).toBe(true)
  button('Cancel').click()
  expect(await answer).toBe(false)
})

it('sends users without a password to the log-in page', async () => {
  const { session, answer } = await asked({ has_password: false })
  expect(document.querySelector('input[name=password]')).toBeNull()
  button('Log in again').click()
  await flushPromises()
  expect([session.isLoggedIn, await answer]).toEqual([false, false])
})

it('leads to single sign-on where nothing else is taken, and back to this page', async () => {
  vi.stubGlobal('PublicKeyCredential', class {})
  vi.stubGlobal('isSecureContext', true)
  const assign = vi.spyOn(window.location, 'assign').mockReturnValue()
  server.answers['GET /api/auth/methods'] = () => ({ password: false, oidc: { name: 'Example' }, passkeys: false })
  await asked({ has_password: false, passkeys: 1 })
  expect(document.querySelector('input')).toBeNull()
  expect(dialog()).not.toContain('passkey')
  button('Log in with Example').click()
  await flushPromises()
  expect(assign).toHaveBeenCalledWith('/api/auth/oidc/login?next=%2Fusers&fresh=true')
})
