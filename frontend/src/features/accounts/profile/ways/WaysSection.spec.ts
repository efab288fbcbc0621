import { flushPromises } from '@vue/test-utils'
import { beforeEach, expect, it, vi } from 'vitest'
import type { Way } from '@/api/ways'
import { button, fakeServer, Refusal, shown, type } from '@/testing/fakeServer'
import { KINDS } from '@/testing/kinds'

const server = fakeServer()
const { default: WaysSection } = await import('./WaysSection.vue')

const MAIL = {
  id: 1,
  kind: 'mail',
  settings: {},
  level: 'warning',
  after: 0,
  confirmed_at: null,
  readable: true,
  failed: '',
}
const PIGEON = {
  ...MAIL,
  id: 2,
  kind: 'pigeon',
  settings: { loft: 'north', ring: '***' },
  level: 'critical',
  after: 300,
  confirmed_at: '2030-01-01 12:00:00',
}
let ways: object[]

async function opened(given: object[] = [MAIL, PIGEON]) {
  ways = given
  const { wrapper } = await shown(WaysSection, { email: 'ann@example.com' })
  await flushPromises()
  return wrapper
}

async function press(words: string): Promise<void> {
  button(words).click()
  await flushPromises()
}

function labelled(label: string): HTMLButtonElement {
  return document.querySelector<HTMLButtonElement>(`button[aria-label="${label}"]`)!
}

const page = () => document.body.textContent ?? ''
const stored = () => server.asked.filter(([call]) => call === 'PUT /api/auth/me/ways').at(-1)?.[1] as Way[]

beforeEach(() => {
  server.asked = []
  server.answers = {
    'GET /api/auth/me/ways': () => ways,
    'GET /api/channels/kinds': () => KINDS,
    'PUT /api/auth/me/ways': (body) => (ways = body as unknown as object[]).map((way) => ({ ...MAIL, ...way })),
    'POST /api/auth/me/ways/2/test': () => ({ sent: true, error: null }),
  }
  vi.stubGlobal('isSecureContext', false)
})

it('says where each way leads, when it is used and whether it is confirmed', async () => {
  const rows = (await opened()).findAll('li').map((row) => row.text())
  expect(rows[0]).toContain('ann@example.com')
  expect(rows[0]).toContain('Warning and critical · immediately')
  expect(rows[0]).toContain('not confirmed yet')
  expect(rows[1]).toContain('Pigeonnorth')
  expect(rows[1]).toContain('Critical only · after 5 min without acknowledgement')
  expect(rows[1]).toMatch(/confirmed 1 Jan 2030/)
})

it('says why a way fails', async () => {
  const wrapper = await opened([
    { ...MAIL, failed: '550 no such user' },
    { ...PIGEON, readable: false },
  ])
  expect(wrapper.text()).toContain('Delivery failed: 550 no such user')
  expect(wrapper.text()).toContain('The stored secrets cannot be read')
})

it('moves a way, and keeps the secrets of the others', async () => {
  await opened()
  expect(labelled('Move up: Account e-mail · ann@example.com').disabled).toBe(true)
  labelled('Move down: Account e-mail · ann@example.com').click()
  await flushPromises()
  expect(stored().map(({ id, settings }) => [id, settings])).toEqual([
    [2, { loft: 'north', ring: '***' }],
    [1, {}],
  ])
})

it('adds a way of a kind that the server knows', async () => {
  await opened([MAIL])
  await press('Add way')
  const choice = [...document.querySelectorAll<HTMLInputElement>('.el-dialog input[type=radio]')]
  expect(choice.map(({ value }) => value)).toEqual(expect.arrayContaining(['pigeon', 'webhook']))
  expect(choice.map(({ value }) => value)).not.toContain('mail')
  choice.find(({ value }) => value === 'pigeon')!.click()
  await flushPromises()
  type('loft', 'south')
  await press('Save')
  expect(stored().at(-1)).toMatchObject({ id: 0, kind: 'pigeon', settings: { loft: 'south' } })
  expect(page()).toContain('south')
})

it('shows an error at its field, by the place in the list', async () => {
  server.answers['PUT /api/auth/me/ways'] = () => {
    throw new Refusal(400, 'invalid_input', 'wrong', { '[1].settings.loft': 'no such loft' })
  }
  await opened()
  labelled('Edit: Pigeon · north').click()
  await flushPromises()
  await press('Save')
  await vi.waitFor(() => expect(document.querySelector('.el-form-item__error')?.textContent).toContain('no such loft'))
})

it('sends a test, and says what came of it', async () => {
  const wrapper = await opened()
  await wrapper.findAll('li')[1]!.findAll('button')[2]!.trigger('click')
  await flushPromises()
  expect(server.asked).toContainEqual(['POST /api/auth/me/ways/2/test', undefined])
  await vi.waitFor(() => expect(page()).toContain('Test sent'))
})

it('removes a way after a question', async () => {
  await opened()
  labelled('Remove: Pigeon · north').click()
  await flushPromises()
  expect(page()).toContain('You are no longer notified in this way')
  await press('Remove')
  expect(stored().map(({ id }) => id)).toEqual([1])
})

it('says why this browser cannot show alerts', async () => {
  expect((await opened()).text()).toContain('Notifications need HTTPS.')
})
