import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { expect, it } from 'vitest'
import type { ExplainedRecipient, Explanation } from '@/api/types'
import { i18n, loadAllWords, showIn } from '@/locales'
import { aProfile } from '@/testing/fakeServer'
import ExplainPanel from './ExplainPanel.vue'

const person = (given: Partial<ExplainedRecipient>): ExplainedRecipient => ({
  user_id: 1,
  username: 'bob',
  channel_id: null,
  channel: null,
  told: false,
  reason: 'ok',
  at: null,
  error: null,
  ways: [],
  ...given,
})
const anExplanation = (given: Partial<Explanation> = {}): Explanation => ({
  server_id: 1,
  check_id: null,
  check_in_id: null,
  server_name: 'web',
  metric: 'cpu',
  kind: 'threshold',
  fired: [],
  at: '2026-11-25 10:05:00',
  policy: null,
  policy_changed_at: null,
  value: 90,
  state: 'firing',
  level: 'critical',
  alert_id: 1,
  sustained: { needed: 300, seen: 300 },
  silence: null,
  offline: false,
  acknowledged: false,
  held: false,
  depends_on: null,
  recorded: true,
  recipients: [],
  escalations: [],
  others: 0,
  ...given,
})

async function panel(given: Partial<Explanation>, pinia = createPinia()) {
  await showIn('en')
  await loadAllWords()
  return mount(ExplainPanel, {
    props: { explanation: anExplanation(given) },
    global: { plugins: [i18n, pinia] },
  })
}

async function shown(given: Partial<Explanation>, pinia = createPinia()): Promise<string[]> {
  return (await panel(given, pinia)).findAll('li').map((row) => row.text())
}

it('says for each person in a sentence why', async () => {
  const rows = await shown({
    recipients: [
      person({ username: 'eve', reason: 'below_level' }),
      person({ username: 'mute', reason: 'no_address' }),
      person({ username: 'gone', reason: 'no_address', error: '550 no such user' }),
      person({ user_id: null, username: null, channel: 'ops', channel_id: 2, reason: 'no_address' }),
      person({ user_id: null, username: null, channel: 'web', channel_id: 3, reason: 'not_linked' }),
      person({ username: 'soon', reason: 'pending' }),
    ],
  })
  expect(rows).toEqual([
    'eve Only notified of higher levels.',
    'mute Had no e-mail address.',
    'gone Delivery failed: 550 no such user',
    'ops Was disabled, or a user with the same address was notified instead.',
    'web Its scope does not cover the server, or an escalation applies that does not name it.',
    'soon The notification is queued.',
  ])
})

it('says when they were notified', async () => {
  const [row] = await shown({ recipients: [person({ told: true, reason: 'told', at: '2026-11-25 10:05:10' })] })
  expect(row).toMatch(/^bob Notified on .+\.$/)
})

it('means another thing by pending where nothing fires', async () => {
  const recipients = [person({ reason: 'pending' }), person({ user_id: 2, username: 'eve', reason: 'silenced' })]
  expect(await shown({ state: 'pending', recipients })).toEqual([
    'bob The policy was not yet breached for long enough.',
    'eve Held back by a silence.',
  ])
})

it('repeats for no one what is said of all', async () => {
  expect(await shown({ state: 'ok', recipients: [person({ reason: 'ok' })] })).toEqual([])
})

it('says what rotas, escalations and quiet hours did', async () => {
  const reasons = ['not_on_call', 'step_not_due', 'unreachable', 'away', 'quiet_hours'] as const
  const rows = await shown({ recipients: reasons.map((reason, user_id) => person({ user_id, reason })) })
  expect(rows).toEqual([
    'bob Was not on call.',
    'bob Belongs to a later step of the escalation.',
    'bob Had no way for alerts of this level.',
    'bob Was away, so the rota passed over them.',
    'bob Had quiet hours; one message follows at their end.',
  ])
})

it('says when the steps of an escalation ran, or will', async () => {
  const steps = [
    { number: 1, ran_at: '2026-11-25 10:05:00', due_at: null },
    { number: 2, ran_at: null, due_at: '2026-11-25 10:15:00' },
    { number: null, ran_at: null, due_at: null },
  ]
  const text = (await panel({ escalations: [{ id: 1, name: 'Night', steps }] })).text()
  expect(text).toMatch(/Escalation “Night”:step 1: ran on .+step 2: due on .+last resort: did not run/)
})

it('begins with the user', async () => {
  const pinia = createPinia()
  const { useSession } = await import('@/stores/session')
  useSession(pinia).user = aProfile({ username: 'zoe' })
  const rows = await shown(
    { recipients: [person({ user_id: 2, reason: 'silenced' }), person({ username: 'zoe', reason: 'below_level' })] },
    pinia,
  )
  expect(rows[0]).toBe('zoe Only notified of higher levels.')
})

it('counts who is not linked, and lists channels that do not cover it', async () => {
  const recipients = [
    person({ user_id: 2, reason: 'not_linked' }),
    person({ user_id: 3, username: 'eve', reason: 'silenced' }),
    person({ user_id: null, username: null, channel: 'web', channel_id: 3, reason: 'not_linked' }),
  ]
  const wrapper = await panel({ recipients, others: 11 })
  expect(wrapper.findAll('li').map((row) => row.text().split(' ')[0])).toEqual(['eve', 'web'])
  expect(wrapper.text()).toContain('12 people are not linked to it')
})
