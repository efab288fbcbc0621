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

async function listed(role: 'admin' | 'user') {
  const server = fakeServer()
  server.answers = {
    'GET /api/escalations': () => [ESCALATION],
    'GET /api/users/options': () => [{ id: 5, username: 'ann' }],
    'GET /api/rotas': () => [{ id: 3, name: 'Night' }],
    'GET /api/teams': () => [
      { id: 7, name: 'Web' },
      { id: 8, name: 'Shop' },
    ],
    'GET /api/auth/me': () => ({ teams: [{ id: 7, name: 'Web' }] }),
    'GET /api/channels': () => [{ id: 2, name: 'ops' }],
  }
  await import('@/locales/oncall')
  const { default: EscalationList } = await import('./EscalationList.vue')
  const { wrapper } = await shown(EscalationList, { role })
  await flushPromises()
  return { wrapper, server, sentences: wrapper.findAll('li').map((line) => line.text()) }
}

it('reads as sentences', async () => {
  const { sentences } = await listed('admin')
  expect(sentences).toEqual([
    'Immediately: ann, team Web, team Shop',
    'After 10 min: rota Night, channel ops',
    'After 20 min: no one, and the next step runs',
    'After 30 min: everyone linked to the server',
    'Again after another 1 h, 2 times, if no one acknowledges',
  ])
})

it('is read by all, who may not ask for channels, and changed by administrators', async () => {
  const { wrapper, server, sentences } = await listed('user')
  expect(sentences.slice(0, 2)).toEqual(['Immediately: ann, team Web, a team', 'After 10 min: rota Night, a channel'])
  expect(wrapper.findAll('button')).toHaveLength(0)
  expect(server.asked.map(([call]) => call)).not.toContain('GET /api/channels')
  const { wrapper: own } = await listed('admin')
  expect(own.findAll('button').map((each) => each.text())).toEqual(['Edit', 'Delete'])
})
