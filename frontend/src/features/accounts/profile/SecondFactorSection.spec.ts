import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { aProfile, button, fakeServer, Refusal, shown, type } from '@/testing/fakeServer'
import type { Profile } from '@/api/types'

const server = fakeServer()
const { default: SecondFactorSection } = await import('./SecondFactorSection.vue')
let unmount: () => void

async function seen(profile: Partial<Profile>) {
  const { wrapper, session } = await shown(SecondFactorSection, profile)
  unmount = () => wrapper.unmount()
  return { wrapper, session }
}

async function press(words: string): Promise<void> {
  await flushPromises()
  button(words).click()
  await flushPromises()
}

beforeEach(() => {
  server.asked = []
  server.answers = { 'GET /api/auth/me': () => aProfile() }
})
afterEach(() => unmount())

it.each([
  [10, '10 recovery codes left.', false],
  [1, '1 recovery code left.', true],
  [0, 'No recovery codes left.', true],
])('says how many of the recovery codes are left: %i', async (recovery_codes_left, words, isFew) => {
  const { wrapper } = await seen({ has_totp: true, recovery_codes_left })
  expect(wrapper.text()).toContain(words)
  expect(wrapper.text().includes('Make new ones')).toBe(isFew)
})

it('is turned off with the password and a code', async () => {
  server.answers['DELETE /api/auth/totp'] = ({ code }) => {
    if (code !== '123456') throw new Refusal(401, 'invalid_code', 'The code is wrong')
    return null
  }
  const { session } = await seen({ has_totp: true, recovery_codes_left: 9 })
  await press('Turn off')
  type('password', 'secret')
  type('code', '1')
  await press('Turn off')
  expect(document.body.textContent).toContain('The code is wrong')
  type('code', '123456')
  await press('Turn off')
  expect(server.asked).toContainEqual(['DELETE /api/auth/totp', { password: 'secret', code: '123456' }])
  expect(session.user?.has_totp).toBe(false)
})

it('replaces the recovery codes', async () => {
  server.answers['POST /api/auth/recovery-codes'] = () => ({ recovery_codes: ['xxxx-yyyy'] })
  await seen({ has_totp: true, recovery_codes_left: 2 })
  await press('New recovery codes')
  type('code', '123456')
  await press('New recovery codes')
  expect(document.querySelector('.el-dialog')?.textContent).toContain('xxxx-yyyy')
  expect(button('Done').disabled).toBe(true)
})

it('is not offered to users without a password', async () => {
  expect((await seen({ has_password: false })).wrapper.text()).toBe('')
})

it('is turned off without a password by users who have none', async () => {
  server.answers['DELETE /api/auth/totp'] = () => null
  const { wrapper } = await seen({ has_password: false, has_totp: true, recovery_codes_left: 9 })
  expect(wrapper.text()).toContain('the code is not asked for')
  await press('Turn off')
  expect(document.querySelector('input[name=password]')).toBeNull()
  type('code', '123456')
  await press('Turn off')
  expect(server.asked).toContainEqual(['DELETE /api/auth/totp', { code: '123456' }])
})
