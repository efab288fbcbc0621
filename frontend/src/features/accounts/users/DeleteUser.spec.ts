import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import type { LeftPart, User } from '@/api/types'
import { button, fakeServer, shown } from '@/testing/fakeServer'
import { KINDS } from '@/testing/kinds'

const server = fakeServer()
const { default: DeleteUser } = await import('./DeleteUser.vue')
const BEN = { id: 7, username: 'ben' } as User
const part = (kind: LeftPart['kind'], lost: string[], kept: string[] = []): LeftPart => ({
  kind,
  count: lost.length + kept.length,
  lost: lost.length,
  first: [...lost.map((name) => ({ id: 1, name, lost: true })), ...kept.map((name) => ({ id: 2, name, lost: false }))],
})
let unmount: () => void

async function opened(...parts: LeftPart[]): Promise<string[]> {
  server.asked = []
  server.answers = {
    'GET /api/users/7/deletion': () => parts,
    'GET /api/users/options': () => [BEN, { id: 8, username: 'eve' }],
    'GET /api/channels/kinds': () => KINDS,
    'DELETE /api/users/7': () => null,
  }
  const { wrapper } = await shown(DeleteUser, {}, { user: BEN, modelValue: true })
  unmount = () => wrapper.unmount()
  await flushPromises()
  return [...document.querySelectorAll('.parts li')].map((row) =>
    [...row.children]
      .map((each) => each.textContent!.trim())
      .join(' ')
      .trim(),
  )
}

afterEach(() => unmount())

it('says what only they have, what would be lost, and what goes on', async () => {
  const rows = await opened(
    part('servers', ['web-1', 'web-2']),
    part('teams', ['ops'], ['db']),
    part('rotas', [], ['nights']),
    part('escalations', []),
    part('keys', ['agents']),
    part('ways', ['mail']),
  )
  expect(rows).toEqual([
    '2 servers that only they see Only administrators still see: web-1, web-2',
    '2 teams Left without members: ops db',
    '1 rota nights',
    '1 API key Revoked, so their agents stop reporting: agents',
    '1 way to be notified Removed: Account e-mail',
  ])
})

it('names some of many', async () => {
  const many = part('servers', ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  const [row] = await opened(many)
  expect(row).toMatch(/a, b, c, d, e, f, …$/)
})

it('says so if there is nothing, and deletes once the name is typed', async () => {
  expect(await opened()).toEqual([])
  expect(document.body.textContent).toContain('No links, places or keys go with this account.')
  expect(button('Delete user').disabled).toBe(true)
  const field = document.querySelector<HTMLInputElement>('input[placeholder="ben"]')!
  field.value = 'ben'
  field.dispatchEvent(new Event('input', { bubbles: true }))
  await flushPromises()
  button('Delete user').click()
  await flushPromises()
  expect(server.asked.map(([call]) => call)).toContain('DELETE /api/users/7')
  await vi.waitFor(() => expect(document.body.textContent).toContain('Deleted'))
})
