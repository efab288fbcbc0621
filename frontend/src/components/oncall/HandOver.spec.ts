import { flushPromises } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { button, fakeServer, shown } from '@/testing/fakeServer'

const SHIFT = { user_id: 1, username: 'ann', starts_at: '2026-12-01 08:00:00', ends_at: '2099-12-02 08:00:00' }
const ROTA = {
  id: 3,
  name: 'Night',
  timezone: 'UTC',
  starts_at: '2026-11-02 08:00:00',
  turn: { days: 1 },
  hours: null,
  user_ids: [1, 2, 4],
  overrides: [],
  users: ['ann', 'bo', 'zoe', 'cem'].map((username, at) => ({ id: at + 1, username })),
  ics_path: '/x',
}

async function duty(now: object | null) {
  const server = fakeServer()
  server.answers = {
    'GET /api/on-call': () => [{ rota_id: 3, name: 'Night', now, next: null }],
    'GET /api/rotas': () => [ROTA],
    'POST /api/rotas/3/overrides': () => ROTA,
  }
  const { default: HandOver } = await import('./HandOver.vue')
  const { wrapper } = await shown(HandOver, { id: 1, role: 'user' })
  await flushPromises()
  return { wrapper, server }
}

it('is not offered to people who are not on call', async () => {
  for (const now of [null, { ...SHIFT, user_id: 2 }]) {
    const { wrapper } = await duty(now)
    expect(wrapper.findAll('button')).toHaveLength(0)
  }
})

it('gives the rest of the turn to another member, in three taps', async () => {
  const { server } = await duty(SHIFT)
  button('Hand over').click()
  await vi.waitFor(() => expect(document.querySelectorAll('.el-radio')).toHaveLength(2), 30_000)
  const names = [...document.querySelectorAll('.el-radio')].map((each) => each.textContent?.trim())
  expect(names).toEqual(['bo', 'cem'])
  document.querySelector<HTMLElement>('.el-radio input')!.click()
  await flushPromises()
  button('Hand over').click()
  await flushPromises()
  await vi.waitFor(() => expect(document.body.textContent).toContain('Saved'), 30_000) // its code is loaded late
  const [, sent] = server.asked.find(([call]) => call === 'POST /api/rotas/3/overrides')!
  expect(sent).toMatchObject({ user_id: 2, ends_at: SHIFT.ends_at })
})
