import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EffectScope, Ref } from 'vue'
import { effectScope, nextTick, shallowRef } from 'vue'
import { createPinia, setActivePinia } from 'pinia'
import type { Way } from '@/api/ways'
import { aProfile, fakeServer, Refusal } from '@/testing/fakeServer'

const server = fakeServer()
const { usePush } = await import('./usePush')
const { useSession } = await import('@/stores/session')

const THIS = { id: 12, kind: 'web_push', failed: '' } as Way
const JSON_OF = { endpoint: 'https://push.test/1', keys: { p256dh: 'BA', auth: 'AA' } }
let subscription: { endpoint: string; toJSON: () => object; unsubscribe: () => Promise<boolean> } | null
let answer: NotificationPermission
let ways: Ref<Way[] | undefined>
let subscribedWith: PushSubscriptionOptionsInit | undefined
let scope: EffectScope

class FakeNotification {
  static permission: NotificationPermission = 'default'
  static requestPermission = async () => (FakeNotification.permission = answer)
}

const made = () => ({
  endpoint: JSON_OF.endpoint,
  toJSON: () => JSON_OF,
  unsubscribe: async () => ((subscription = null), true),
})
const pushManager = {
  getSubscription: async () => subscription,
  subscribe: async (options: PushSubscriptionOptionsInit) => {
    subscribedWith = options
    return (subscription = made())
  },
}
const worker = {
  register: vi.fn(),
  ready: Promise.resolve({ pushManager }),
  getRegistration: async () => ({ pushManager }),
}

beforeEach(() => {
  scope = effectScope()
  subscription = null
  subscribedWith = undefined
  answer = 'granted'
  FakeNotification.permission = 'default'
  ways = shallowRef<Way[]>([])
  server.asked = []
  server.answers = {
    'GET /api/push/key': () => ({ key: 'BAEC' }),
    'POST /api/auth/me/push': () => THIS,
    'DELETE /api/auth/me/push': () => null,
  }
  vi.stubGlobal('Notification', FakeNotification)
  vi.stubGlobal('PushManager', class {})
  vi.stubGlobal('isSecureContext', true)
  Object.defineProperty(navigator, 'serviceWorker', { value: worker, configurable: true })
  setActivePinia(createPinia())
  useSession().user = aProfile()
})

afterEach(() => {
  scope.stop()
  vi.unstubAllGlobals()
  Reflect.deleteProperty(navigator, 'serviceWorker')
})

const used = () => scope.run(() => usePush(ways))!
const settled = () => new Promise((resolve) => setTimeout(resolve))

it('asks for nothing by itself', async () => {
  const ask = vi.spyOn(FakeNotification, 'requestPermission')
  expect(used().state.value).toBe('off')
  await settled()
  expect([ask.mock.calls.length, server.asked.length, worker.register.mock.calls.length]).toEqual([0, 0, 0])
})

it('subscribes with the key of the server, and knows this browser among the ways', async () => {
  const push = used()
  expect(await push.turnOn()).toBe(true)
  expect([...(subscribedWith?.applicationServerKey as Uint8Array)]).toEqual([4, 1, 2])
  expect(subscribedWith?.userVisibleOnly).toBe(true)
  expect(server.asked).toContainEqual(['POST /api/auth/me/push', { ...JSON_OF, label: expect.any(String) as string }])
  ways.value = [THIS]
  await settled()
  expect([push.state.value, push.way.value]).toEqual(['on', THIS])
})

it('subscribes anew: an old subscription may be of another key', async () => {
  const old = made()
  const unsubscribe = vi.spyOn(old, 'unsubscribe')
  subscription = old
  await used().turnOn()
  expect(unsubscribe).toHaveBeenCalled()
})

it('says that the user does not allow it', async () => {
  answer = 'denied'
  const push = used()
  expect(await push.turnOn()).toBe(false)
  expect([push.state.value, server.asked]).toEqual(['denied', []])
})

it('remembers nothing if the server refuses', async () => {
  server.answers['POST /api/auth/me/push'] = () => {
    throw new Refusal(400, 'invalid_input')
  }
  const push = used()
  await expect(push.turnOn()).rejects.toThrow()
  ways.value = [THIS]
  await settled()
  expect(push.state.value).toBe('off')
})

it.each([
  ['the push service says so', { ...THIS, failed: 'subscription ended' }, true],
  ['the browser has lost it', THIS, false],
])('has ended if %s', async (_, way, isHeld) => {
  const push = used()
  await push.turnOn()
  if (!isHeld) subscription = null
  ways.value = [way]
  await settled()
  expect(push.state.value).toBe('ended')
})

it('is off once the way is removed, and turns off on both sides', async () => {
  const push = used()
  await push.turnOn()
  ways.value = [THIS]
  await settled()
  await push.turnOff()
  expect(server.asked).toContainEqual(['DELETE /api/auth/me/push', { endpoint: JSON_OF.endpoint }])
  expect([subscription, push.state.value]).toEqual([null, 'off'])
})

it.each([
  ['insecure', false, true, ''],
  ['unsupported', true, false, 'Mozilla/5.0 (X11; Linux x86_64)'],
  ['homeScreen', true, false, 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)'],
])('is %s', async (state, isSecure, hasManager, agent) => {
  vi.stubGlobal('isSecureContext', isSecure)
  // @ts-expect-error The name must be gone, not only its value.
  if (!hasManager) delete window.PushManager
  vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue(agent)
  vi.spyOn(navigator, 'maxTouchPoints', 'get').mockReturnValue(agent.includes('iPhone') ? 5 : 0)
  const push = used()
  await nextTick()
  expect(push.state.value).toBe(state)
})
