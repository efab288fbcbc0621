import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Alert, Profile } from '@/api/types'
import { fakeServer, Refusal, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: PaletteDialog } = await import('./PaletteDialog.vue')
const { useFiring } = await import('@/stores/firing')

const TYPING_MS = 200
const aServer = (id: number) => ({
  id,
  server_name: `web-${id}`,
  ip_address: `10.0.0.${id}`,
  live: { status: 'online' },
})
const asked = (path: string) => server.asked.filter(([call]) => call === `GET ${path}`).length
const options = () => [...document.querySelectorAll('[role=option]')].map((each) => each.textContent?.trim())
const active = () => document.querySelector('[role=option][aria-selected=true]')?.textContent?.trim()
const input = () => document.querySelector<HTMLInputElement>('[role=combobox]')!
const press = (key: string, more: KeyboardEventInit = {}) =>
  input().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))

async function opened(profile: Partial<Profile> = {}) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: {} }] })
  const { wrapper } = await shown(PaletteDialog, profile, { modelValue: true }, [router])
  await flushPromises()
  return { router, wrapper }
}

async function typed(text: string, ms = TYPING_MS) {
  input().value = text
  input().dispatchEvent(new Event('input', { bubbles: true }))
  await vi.advanceTimersByTimeAsync(ms)
  await flushPromises()
}

beforeEach(() => {
  vi.useFakeTimers()
  server.asked = []
  server.answers = {
    'GET /api/servers/ordered': () => ({ matching: 7, servers: [1, 2, 3, 4, 5, 6].map(aServer) }),
    'GET /api/checks': () => [{ id: 21, name: 'web shop', target: 'https://shop.example', state: 'down' }],
    'GET /api/check-ins': () => [],
    'GET /api/users/options': () => [{ id: 2, username: 'webmaster' }],
    'GET /api/teams': () => [{ id: 3, name: 'Web' }],
  }
})
afterEach(() => void vi.useRealTimers())

it('offers actions and pages before anything is typed, those of administrators to them alone', async () => {
  await opened({ role: 'user' })
  expect(options()).toEqual(expect.arrayContaining(['Add server', 'Theme: Dark', 'Log out', 'Disk forecasts']))
  expect(options()).not.toEqual(expect.arrayContaining(['Add check']))
  expect(options()).not.toContain('Users')
  expect(server.asked).toEqual([])
})

it('finds all kinds with one request each after a pause', async () => {
  await opened()
  useFiring().alerts = [
    { id: 9, server_id: 1, server_name: 'web-1', metric: 'cpu', level: 'critical', value: 99 } as Alert,
    { id: 8, server_id: 2, server_name: 'db-1', metric: 'cpu', level: 'critical', value: 99 } as Alert,
  ]
  await typed('w', 50)
  await typed('web')
  expect(options()).toEqual([
    ...[1, 2, 3, 4, 5].map((id) => expect.stringContaining(`web-${id}`)),
    'Show all matches',
    expect.stringContaining('web-1 · CPU'),
    expect.stringContaining('web shop'),
    'webmaster',
    'Web',
  ])
  expect(Object.keys(server.answers).map((call) => asked(call.slice(4)))).toEqual([1, 1, 1, 1, 1])
  expect(document.querySelector('[role=status]')?.textContent).toBe('10 results')
})

it('asks for no people and teams on behalf of others', async () => {
  await opened({ role: 'user' })
  await typed('web')
  expect([asked('/api/users/options'), asked('/api/teams')]).toEqual([0, 0])
})

it('moves by arrow keys from the last to the first, and opens what is chosen', async () => {
  const { router, wrapper } = await opened()
  await typed('web')
  press('ArrowUp')
  await flushPromises()
  expect(active()).toBe('Web')
  expect(input().getAttribute('aria-activedescendant')).toBe(
    document.querySelector('[role=option][aria-selected=true]')?.id,
  )
  press('ArrowDown')
  press('ArrowDown')
  press('Enter', { isComposing: true })
  expect(wrapper.emitted('update:modelValue')).toBeUndefined()
  press('Enter')
  await flushPromises()
  expect(router.currentRoute.value.fullPath).toBe('/servers/2')
  expect(wrapper.emitted('update:modelValue')).toEqual([[false]])
})

it('waits with Enter for the answer to what is typed', async () => {
  const { router } = await opened()
  await typed('web', 10)
  press('Enter')
  await flushPromises()
  expect(router.currentRoute.value.fullPath).toBe('/')
  await vi.advanceTimersByTimeAsync(TYPING_MS)
  await flushPromises()
  expect(router.currentRoute.value.fullPath).toBe('/servers/1')
})

it('says that nothing matches', async () => {
  await opened({ role: 'user' })
  for (const call of Object.keys(server.answers)) server.answers[call] = () => []
  server.answers['GET /api/servers/ordered'] = () => ({ matching: 0, servers: [] })
  await typed('no such thing')
  expect(document.querySelector('[role=status]')?.textContent?.trim()).toBe('No match for “no such thing”')
  expect([input().getAttribute('aria-expanded'), options()]).toEqual(['false', []])
})

it('still knows pages and actions while the server cannot answer', async () => {
  await opened()
  server.answers['GET /api/checks'] = () => {
    throw new Refusal(503, 'unavailable')
  }
  await typed('silen')
  expect(options()).toEqual(['New silence', 'Silences'])
  expect(document.querySelector('[role=alert]')).not.toBeNull()
})
