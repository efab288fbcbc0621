import { describe, expect, it } from 'vitest'
import type { Page } from '@/api/envelope'
import type { Alert } from '@/api/types'
import { pastPage } from './pastAlerts'

const alerts = (...states: Alert['state'][]) => states.map((state, id) => ({ id, state }) as Alert)
const served = (pages: Record<string, Page<Alert>>) => (cursor: string | null) =>
  Promise.resolve(pages[cursor ?? 'first']!)

describe('a page of past alerts', () => {
  it('holds what is over, and goes on where the server would', async () => {
    const page = await pastPage(
      served({ first: { items: alerts('firing', 'resolved', 'cancelled'), next: 'b' } }),
      null,
    )
    expect([page.items.map(({ state }) => state), page.next]).toEqual([['resolved', 'cancelled'], 'b'])
  })

  it('is not empty only because everything newer still fires', async () => {
    const pages = {
      first: { items: alerts('firing', 'firing'), next: 'b' },
      b: { items: alerts('resolved'), next: null },
    }
    const page = await pastPage(served(pages), null)
    expect([page.items.length, page.next]).toEqual([1, null])
  })

  it('is empty where nothing is over', async () => {
    expect(await pastPage(served({ first: { items: alerts('firing'), next: null } }), null)).toEqual({
      items: [],
      next: null,
    })
  })
})
