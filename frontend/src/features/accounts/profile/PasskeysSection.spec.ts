import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { aProfile, button, fakeServer, Refusal, shown, type } from '@/testing/fakeServer'

const server = fakeServer()
const { default: PasskeysSection } = await import('./PasskeysSection.vue')

const LAPTOP = {
  id: 7,
  name: 'Laptop',
  created_at: '2030-01-01 12:00:00',
  last_used_at: null,
  cloned_at: null as string | null,
}
const ANSWER = { id: 'AQ' }
const credentials = { create: vi.fn() }
let unmount: () => void

class Credential {
  static parseCreationOptionsFromJSON = (options: object) => options
  toJSON = () => ANSWER
}

async function opened() {
  const { wrapper } = await shown(PasskeysSection)
  unmount = () => wrapper.unmount()
  await flushPromises()
  return wrapper
}

async function press(words: string): Promise<void> {
  button(words).click()
  await flushPromises()
}

const page = () => document.body.textContent ?? ''

beforeEach(() => {
  server.asked = []
  server.answers = {
    'GET /api/auth/passkeys': () => [LAPTOP],
    'GET /api/auth/me': () => aProfile({ passkeys: 1 }),
    'POST /api/auth/passkeys/options': () => ({ challenge: 'AQ' }),
    'POST /api/auth/passkeys': ({ name }) => ({ ...LAPTOP, id: 8, name }),
    'DELETE /api/auth/passkeys/7': () => null,
  }
  credentials.create.mockReset().mockResolvedValue(new Credential())
  vi.stubGlobal('PublicKeyCredential', Credential)
  vi.stubGlobal('isSecureContext', true)
  Object.defineProperty(navigator, 'credentials', { value: credentials, configurable: true })
})

afterEach(() => {
  unmount()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

it('adds a passkey under the name that was given', async () => {
  await opened()
  await press('Add passkey')
  type('passkey-name', 'My phone')
  await press('Continue')
  expect(server.asked).toContainEqual(['POST /api/auth/passkeys', { name: 'My phone', credential: ANSWER }])
  expect(server.asked.filter(([call]) => call === 'GET /api/auth/passkeys')).toHaveLength(2)
})

it('says nothing if the user cancels', async () => {
  credentials.create.mockRejectedValue(new DOMException('', 'NotAllowedError'))
  await opened()
  await press('Add passkey')
  await press('Continue')
  expect(document.querySelector('.el-alert')).toBeNull()
  expect(server.asked.some(([call]) => call === 'POST /api/auth/passkeys')).toBe(false)
  expect(button('Continue').disabled).toBe(false)
})

it('says that a device has a passkey already, and what the server refuses', async () => {
  credentials.create.mockRejectedValueOnce(new DOMException('', 'InvalidStateError'))
  await opened()
  await press('Add passkey')
  await press('Continue')
  expect(page()).toContain('This device already has a passkey for this server.')
  server.answers['POST /api/auth/passkeys'] = () => {
    throw new Refusal(409, 'passkey_exists', 'This passkey was already added')
  }
  await press('Continue')
  expect(page()).toContain('This passkey was already added')
})

it('removes a passkey after a question', async () => {
  await opened()
  await press('Remove')
  expect(page()).toContain('You can no longer log in with “Laptop”')
  await press('Remove')
  expect(server.asked).toContainEqual(['DELETE /api/auth/passkeys/7', undefined])
})

it('marks one that seems copied', async () => {
  server.answers['GET /api/auth/passkeys'] = () => [{ ...LAPTOP, cloned_at: '2030-01-02 12:00:00' }]
  const wrapper = await opened()
  expect(wrapper.text()).toContain('seems copied')
  expect(wrapper.text()).toContain('it no longer logs you in')
})

it.each([
  [false, 'need HTTPS'],
  [true, 'does not support passkeys'],
])('says why none can be added (secure: %s)', async (isSecure, why) => {
  vi.stubGlobal('isSecureContext', isSecure)
  vi.stubGlobal('PublicKeyCredential', undefined)
  // @ts-expect-error The name must be gone, not only its value.
  delete window.PublicKeyCredential
  const wrapper = await opened()
  expect(wrapper.text()).toContain(why)
  expect(wrapper.text()).not.toContain('Add passkey')
})

describe('with single sign-on alone', () => {
  beforeEach(
    () =>
      (server.answers['GET /api/auth/methods'] = () => ({
        password: false,
        oidc: { name: 'Example' },
        passkeys: false,
      })),
  )

  it('only removes the passkeys that there are', async () => {
    const wrapper = await opened()
    expect(wrapper.text()).toContain('Passkeys do not log you in')
    expect(wrapper.text()).not.toContain('Add passkey')
    expect(button('Remove').disabled).toBe(false)
  })

  it('is not shown without any', async () => {
    server.answers['GET /api/auth/passkeys'] = () => []
    expect((await opened()).text()).toBe('')
  })
})
