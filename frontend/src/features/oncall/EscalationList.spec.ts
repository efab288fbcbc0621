import { flushPromises } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { fakeServer, shown } from '@/testing/fakeServer'

const ESCALATION = {
  id: 1,
  name: 'Web at night',
  steps: [
    { after: 0, to: [{ user_id: 5 }, { team_id: 7 }, { team_id: 8 }] },
    { after: 600, to: [{ rota_id: 3 }, { channel_id: 2 }] },
    { after: 1_200, to: [] },
    { after: 1_800, to: [{ linked: true }] },
  ],
  repeat_after: 3_600,
  repeats: 2,
}

async function listed() {
  const server = fakeServer()
  server.answers = {
    'GET /api/escalations': () => [ESCALATION],
    'GET /api/users/options': () => [{ id: 5, username: 'ann' }],
    'GET /api/rotas': () => [{ id: 3, name: 'Night' }],
    'GET /api/teams': () => [
      { id: 7, name: 'Web' },
      { id: 8, name: 'Shop' },
    ],
    'GET /api/channels': () => [{ id: 2, name: 'ops' }],
  }
  await import('@/locales/oncall')
  const { default: EscalationList } = await import('./EscalationList.vue')
  const { wrapper } = await shown(EscalationList, { role: 'admin' })
  await flushPromises()
  return { wrapper, sentences: wrapper.findAll('li').map((line) => line.text()) }
}

it('reads as sentences', async () => {
  const { sentences } = await listed()
  expect(sentences).toEqual([
    'Immediately: ann, team Web, team Shop',
    'After 10 min: rota Night, channel ops',
    'After 20 min: no one, and the next step runs',
    'After 30 min: everyone linked to the server',
    'Again after another 1 h, 2 times, if no one acknowledges',
  ])
})

it('is changed by two buttons', async () => {
  const { wrapper } = await listed()
  expect(wrapper.findAll('button').map((each) => each.text())).toEqual(['Edit', 'Delete'])
})
