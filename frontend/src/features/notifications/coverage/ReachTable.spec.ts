import { flushPromises } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { fakeServer, shown } from '@/testing/fakeServer'
import { KINDS } from '@/testing/kinds'

const server = fakeServer()
const { default: ReachTable } = await import('./ReachTable.vue')

const way = (kind: string, confirmed_at: string | null, failed: string | null = null) => ({
  kind,
  level: 'warning',
  after: 0,
  confirmed_at,
  failed,
})

it('says who has confirmed by what, and who is on call next', async () => {
  server.answers = {
    'GET /api/channels/kinds': () => KINDS,
    'GET /api/on-call/reach': () => [
      {
        user_id: 1,
        username: 'ann',
        ways: [way('mail', '2030-01-01 12:00:00'), way('pigeon', null, 'it flew away')],
        confirmed_at: '2030-01-01 12:00:00',
        on_call_next: '2090-01-01 08:00:00',
      },
      { user_id: 2, username: 'ben', ways: [], confirmed_at: null, on_call_next: null },
    ],
  }
  const { wrapper } = await shown(ReachTable)
  await flushPromises()
  const [ann, ben] = wrapper.findAll('tbody tr')
  expect(ann?.findAll('.el-tag').map((tag) => tag.text())).toEqual(['Account e-mail', 'Pigeon · failing'])
  expect(ann?.find('.el-tag--success').text()).toBe('Account e-mail')
  expect(ann?.find('.el-tag--danger').attributes('title')).toBe('it flew away')
  expect(ben?.findAll('td').map((cell) => cell.text())).toEqual(['ben', 'no way to notify them', 'never', '–'])
})
