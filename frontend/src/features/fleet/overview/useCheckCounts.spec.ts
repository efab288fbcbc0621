import { beforeEach, expect, it, vi } from 'vitest'
import * as api from '@/api/checks'
import { freshStores } from '@/testing/freshStores'
import { useCheckCounts } from './useCheckCounts'

const page = (count: number, next: string | null = null) => ({
  items: Array.from({ length: count }, (_, id) => ({ id })),
  next,
})
let answers: Record<string, unknown>
const list =
  (name: string) =>
  async ({ query }: { query?: { state?: string | null } } = {}) =>
    answers[`${name} ${query?.state ?? 'any'}`] as never
const { run } = freshStores()

beforeEach(() => {
  vi.spyOn(api, 'listChecks').mockImplementation(list('checks'))
  vi.spyOn(api, 'listCheckIns').mockImplementation(list('check-ins'))
  answers = {
    'checks any': page(1, 'c'),
    'checks down': page(2),
    'check-ins any': page(0),
    'check-ins down': page(0),
  }
})

it('counts those that are down, and leaves out a kind that has none', async () => {
  const counts = run(() => useCheckCounts())
  await vi.advanceTimersByTimeAsync(0)
  expect(counts.value).toEqual([{ name: 'checks', down: 2, isCut: false }])
})

it('follows changes', async () => {
  const counts = run(() => useCheckCounts())
  await vi.advanceTimersByTimeAsync(0)
  answers = {
    ...answers,
    'checks down': page(1_000, 'c'),
    'check-ins any': page(1),
    'check-ins down': page(0),
  }
  await vi.advanceTimersByTimeAsync(15_000)
  expect(counts.value).toEqual([
    { name: 'checks', down: 1_000, isCut: true },
    { name: 'checkIns', down: 0, isCut: false },
  ])
})
