import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { button, fakeServer, Refusal, shown } from '@/testing/fakeServer'
import { KINDS } from '@/testing/kinds'

const server = fakeServer()
const { default: DrillDialog } = await import('./DrillDialog.vue')

const PERSON = {
  user_id: 1,
  username: 'ann',
  channel_id: null,
  channel: null,
  told: true,
  reason: 'told',
  at: '2030-01-01 12:00:05',
  error: null,
  ways: [{ kind: 'mail', sent_at: '2030-01-01 12:00:05', error: null, state: 'sent' }],
  confirmed_at: null as string | null,
  confirmed_by: null as string | null,
}
const DRILL = {
  id: 9,
  server_id: 3,
  server_name: 'web-1',
  state: 'firing',
  fired_at: '2030-01-01 12:00:00',
  ends_at: '2030-01-01 13:00:00',
  resolved_at: null as string | null,
  acknowledged_at: null as string | null,
  recipients: [
    PERSON,
    { ...PERSON, user_id: 2, username: 'ben', told: false, reason: 'step_not_due', at: null, ways: [] },
  ],
}
const page = () => document.body.textContent ?? ''

async function started() {
  await shown(DrillDialog, {}, { modelValue: true, place: { server_id: 3 }, name: 'web-1' })
  await flushPromises()
  button('Start drill').click()
  await flushPromises()
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  server.asked = []
  server.answers = {
    'POST /api/alerts/drill': () => DRILL,
    'GET /api/alerts/drill/9': () => DRILL,
    'GET /api/channels/kinds': () => KINDS,
  }
})
afterEach(() => void vi.useRealTimers())

it('starts nothing before the button, and then says who was notified', async () => {
  await shown(DrillDialog, {}, { modelValue: true, place: { server_id: 3 }, name: 'web-1' })
  await flushPromises()
  expect(server.asked).toEqual([])
  button('Start drill').click()
  await flushPromises()
  expect(server.asked[0]).toEqual(['POST /api/alerts/drill', { server_id: 3 }])
  expect(page()).toContain('ann notified on')
  expect(page()).not.toContain('ben')
})

it('fills itself with who confirms by which way, and then asks no more', async () => {
  await started()
  const confirmed = { ...PERSON, confirmed_at: '2030-01-01 12:01:05', confirmed_by: 'pigeon' }
  server.answers['GET /api/alerts/drill/9'] = () => ({
    ...DRILL,
    state: 'resolved',
    acknowledged_at: '2030-01-01 12:01:05',
    resolved_at: '2030-01-01 12:01:05',
    recipients: [confirmed],
  })
  await vi.advanceTimersByTimeAsync(3_000)
  expect(page()).toContain('ann confirmed after 1 min 5 s, by Pigeon')
  expect(page()).toContain('Acknowledged on')
  const asked = server.asked.length
  await vi.advanceTimersByTimeAsync(30_000)
  expect(server.asked).toHaveLength(asked)
})

it('says why none can be started', async () => {
  server.answers['POST /api/alerts/drill'] = () => {
    throw new Refusal(409, 'drill_goes_on', 'A drill of this server is running already')
  }
  await started()
  await vi.waitFor(() => expect(page()).toContain('is running already'))
})
