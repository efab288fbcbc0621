import { flushPromises } from '@vue/test-utils'
import { beforeEach, expect, it } from 'vitest'
import { button, fakeServer, Refusal, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: RehearsalPanel } = await import('./RehearsalPanel.vue')

const CHANGE = { quiet: { from: '22:00', to: '07:00', timezone: 'UTC', level: 'critical' } }
const PAGES = {
  pages: { before: 9, after: 7, added: 0, removed: 2, unanswered_before: 0, unanswered_after: 3 },
  people: [
    { username: 'ann', before: 9, after: 7, nights_before: 4, nights_after: 0 },
    { username: 'ben', before: 1, after: 1, nights_before: 1, nights_after: 1 },
  ],
  channels: [{ name: 'ops', before: 2, after: 3 }],
  unanswered: [
    {
      at: '2030-01-01 03:00:00',
      alert: { server_name: 'web-1', metric: 'cpu', level: 'critical' },
      why: 'not_on_call',
    },
  ],
  job_id: null,
}

async function opened(change: object = CHANGE) {
  const { wrapper } = await shown(RehearsalPanel, {}, { change })
  return wrapper
}

async function rehearse(): Promise<void> {
  button('Rehearse').click()
  await flushPromises()
}

beforeEach(() => {
  server.asked = []
  server.answers = { 'POST /api/on-call/rehearsal': () => PAGES }
})

it('asks for nothing before somebody wants it, and then for the change and the days', async () => {
  const wrapper = await opened()
  expect(server.asked).toEqual([])
  await rehearse()
  expect(server.asked).toEqual([['POST /api/on-call/rehearsal', { ...CHANGE, days: 30 }]])
  await wrapper.findAll('input[type=radio]')[1]!.setValue(true)
  await rehearse()
  expect(server.asked.at(-1)?.[1]).toEqual({ ...CHANGE, days: 90 })
})

it('shows pages and nights of each person, and what would have no recipient', async () => {
  const wrapper = await opened()
  await rehearse()
  const rows = wrapper.findAll('tbody tr').map((row) => row.findAll('td').map((cell) => cell.text()))
  expect(rows).toEqual([
    ['ann', '9 → 7', '4 → 0'],
    ['ben', '1', '1'],
    ['Channel ops', '2 → 3', '–'],
  ])
  expect(wrapper.text()).toContain('3 alerts would have no recipient')
  expect(wrapper.text()).toContain('no one was on call')
  expect(wrapper.text()).toContain('The newest 1 are shown.')
})

it('forgets what it found when the form changes', async () => {
  const wrapper = await opened()
  await rehearse()
  await wrapper.setProps({ change: { ...CHANGE, quiet: null } as never })
  expect(wrapper.find('table').exists()).toBe(false)
})

it('says why a change cannot be rehearsed', async () => {
  server.answers['POST /api/on-call/rehearsal'] = () => {
    throw new Refusal(400, 'invalid_input', 'a step names no one')
  }
  const wrapper = await opened()
  await rehearse()
  expect(wrapper.text()).toContain('a step names no one')
})
