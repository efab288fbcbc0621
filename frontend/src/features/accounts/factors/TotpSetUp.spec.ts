import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { aProfile, button, fakeServer, Refusal, shown, type } from '@/testing/fakeServer'
import type { Profile } from '@/api/types'

const server = fakeServer()
const { default: TotpSetUp } = await import('./TotpSetUp.vue')
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><path d="M0 0#"/></svg>'
const CODES = ['aaaa-bbbb', 'cccc-dddd']
const FRESH = '2099-01-01 00:00:00'
let unmount: () => void

async function begun(profile: Partial<Profile> = {}) {
  const { wrapper } = await shown(TotpSetUp, profile)
  unmount = () => wrapper.unmount()
  return wrapper
}

async function press(words: string): Promise<void> {
  await flushPromises()
  button(words).click()
  await flushPromises()
}

beforeEach(() => {
  server.asked = []
  server.answers = {
    'POST /api/auth/reauthenticate': () => aProfile({ fresh_until: FRESH }),
    'POST /api/auth/totp': () => ({ secret: 'ABCDEFGHIJ', uri: 'otpauth://', qr: SVG }),
    'PUT /api/auth/totp': ({ code }) => {
      if (code !== '123456') throw new Refusal(401, 'invalid_code', 'The code is wrong')
      return { recovery_codes: CODES }
    },
  }
})
afterEach(() => unmount())

it('leads from the password to the recovery codes, and ends once they are kept', async () => {
  const wrapper = await begun({ fresh_until: FRESH })
  expect(wrapper.text()).toContain('Step 1 of 3')
  type('password', 'secret')
  await press('Next')
  expect(server.asked).toEqual([['POST /api/auth/totp', { password: 'secret' }]])
  expect(wrapper.text()).toContain('ABCD EFGH IJ')
  type('code', '123456')
  await press('Turn on')
  expect(wrapper.findAll('li').map((each) => each.text())).toEqual(CODES)
  expect(button('Done').disabled).toBe(true)
  await wrapper.get('input[type=checkbox]').setValue(true)
  await press('Done')
  expect(wrapper.emitted('done')).toHaveLength(1)
})

it('shows the picture as an image, in which no script runs', async () => {
  const wrapper = await begun({ fresh_until: FRESH })
  type('password', 'secret')
  await press('Next')
  const src = wrapper.get('img').attributes('src') ?? ''
  expect(src).toMatch(/^data:image\/svg\+xml;charset=utf-8,%3Csvg/)
  expect(decodeURIComponent(src.split(',')[1] ?? '')).toBe(SVG)
  expect(wrapper.find('[onload]').exists()).toBe(false)
})

it('uses the password for the confirmation too if the log-in is not recent', async () => {
  await begun()
  type('password', 'secret')
  await press('Next')
  expect(server.asked.map(([call]) => call)).toEqual(['POST /api/auth/reauthenticate', 'POST /api/auth/totp'])
})

it('says at the field that a code is wrong, and offers no recovery code', async () => {
  const wrapper = await begun({ fresh_until: FRESH })
  type('password', 'secret')
  await press('Next')
  type('code', '999999')
  await press('Turn on')
  expect(wrapper.get('.error').text()).toBe('The code is wrong')
  expect(wrapper.text()).not.toContain('Use a recovery code')
})

it('asks no password of a user who has none', async () => {
  const wrapper = await begun({ has_password: false })
  expect(wrapper.find('input').exists()).toBe(false)
  await press('Next')
  expect(server.asked).toEqual([['POST /api/auth/totp', {}]])
})
