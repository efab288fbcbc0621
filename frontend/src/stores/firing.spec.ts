import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import * as api from '@/api/alerts'
import type { Alert } from '@/api/types'
import { useFiring } from './firing'

/** Answers the requests in the order in which they were made, when a spec says so. */
const answers: ((ids: number[]) => Promise<void>)[] = []

beforeEach(() => {
  setActivePinia(createPinia())
  answers.length = 0
  vi.spyOn(api, 'listAlerts').mockImplementation(
    () =>
      new Promise((resolve) =>
        answers.push(async (ids) => {
          resolve({ items: ids.map((id) => ({ id, started_at: '' }) as Alert), next: null })
          await new Promise((done) => setTimeout(done))
        }),
      ),
  )
})

const shown = () => useFiring().alerts.map(({ id }) => id)

it('shows the newest answer, also if an older one comes after it', async () => {
  const firing = useFiring()
  for (let n = 0; n < 3; n += 1) void firing.load()
  await answers[1]?.([2])
  expect(shown()).toEqual([2])
  await answers[0]?.([1])
  expect(shown()).toEqual([2])
  await answers[2]?.([3])
  expect(shown()).toEqual([3])
})

it('shows nothing that was asked for by the user before', async () => {
  const firing = useFiring()
  void firing.load()
  firing.clear()
  await answers[0]?.([1])
  expect([shown(), firing.isLoaded]).toEqual([[], false])
  void firing.load()
  await answers[1]?.([2])
  expect([shown(), firing.isLoaded]).toEqual([[2], true])
})
