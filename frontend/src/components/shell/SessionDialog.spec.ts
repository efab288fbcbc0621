import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { aProfile, button, fakeServer, Refusal, shown, type } from '@/testing/fakeServer'
import type { Profile } from '@/api/types'

const server = await fakeServer()
const { default: SessionDialog } = await import('./SessionDialog.vue')
let unmount: () => void

async function ended(profile: Partial<Profile> = {}) {
  const { wrapper, session } = await shown(SessionDialog, profile)
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
afterEach(() => unmount())

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
