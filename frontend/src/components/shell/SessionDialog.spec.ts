import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { aProfile, button, fakeServer, Refusal, shown, type } from '@/testing/fakeServer'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Profile } from '@/api/types'

const server = fakeServer()
const { default: SessionDialog } = await import('./SessionDialog.vue')
let unmount: () => void

async function ended(profile: Partial<Profile> = {}) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: {} }] })
  await router.push('/servers?q=a')
  const { wrapper, session } = await shown(SessionDialog, profile, {}, [router])
  unmount = () => wrapper.unmount()
  session.ended = 'expired'
  await flushPromises()
  return session
}

beforeEach(() => {
  server.asked = []
  server.answers = {
    'POST /api/auth/login': ({ code }) => {
      if (code === undefined) throw new Refusal(401, 'code_required')
      return { token: 't', expires_at: '', user: aProfile({ has_totp: true }) }
    },
  }
})
afterEach(() => {
  unmount()
  vi.unstubAllGlobals()
})

it.each([[true], [false]])('takes a code, whether the profile knew of it (%s) or not', async (has_totp) => {
  const session = await ended({ has_totp })
  type('password', 'secret')
  await flushPromises()
  if (!has_totp) {
    button('Log in').click()
    await flushPromises()
  }
  type('code', '123456')
  await flushPromises()
  button('Log in').click()
  await flushPromises()
  expect(server.asked.at(-1)?.[1]).toEqual({ username: 'ann', password: 'secret', code: '123456' })
  expect(session.ended).toBeNull()
})

it('lets users without a password log in anew', async () => {
  const session = await ended({ has_password: false })
  expect(document.querySelector('input[name=password]')).toBeNull()
  button('Log in again').click()
  await flushPromises()
  expect(session.isLoggedIn).toBe(false)
})

it('leads to single sign-on, and back to this page', async () => {
  server.answers['GET /api/auth/methods'] = () => ({ password: true, oidc: { name: 'Example' }, passkeys: false })
  await ended({ has_password: false })
  const link = document.querySelector('a[href^="/api/auth/oidc/login"]')
  expect([link?.textContent.trim(), link?.getAttribute('href')]).toEqual([
    'Log in with Example',
    '/api/auth/oidc/login?next=%2Fservers%3Fq%3Da',
  ])
})

it.each([[true], [false]])(
  'asks for neither password nor passkey where single sign-on alone is taken (known to the profile: %s)',
  async (isKnown) => {
    vi.stubGlobal('PublicKeyCredential', class {})
    vi.stubGlobal('isSecureContext', true)
    server.answers['GET /api/auth/methods'] = () => ({ password: false, oidc: { name: 'Example' }, passkeys: false })
    const session = await ended({ has_password: !isKnown, passkeys: 1 })
    expect(document.querySelector('input')).toBeNull()
    expect(document.body.textContent).not.toContain('passkey')
    button('Leave').click()
    await flushPromises()
    expect(session.isLoggedIn).toBe(false)
  },
)
