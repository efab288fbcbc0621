import { beforeEach, expect, it, vi } from 'vitest'
import * as api from '@/api/configuration'
import { ApiError } from '@/api/envelope'
import type { Plan } from '@/api/types'
import { freshStores } from '@/testing/freshStores'
import { usePlan } from './usePlan'

const planned = (given: object) =>
  ({ revision: 'r', changes: [], pages: null, people: null, channels: null, job_id: null, ...given }) as unknown as Plan
const spies = () => ({
  plan: vi.spyOn(api, 'planConfiguration'),
  get: vi.spyOn(api, 'getPlan'),
  cancel: vi.spyOn(api, 'cancelPlan').mockResolvedValue(null),
})
let held: ReturnType<typeof spies>
const { run } = freshStores()

beforeEach(() => (held = spies()))

it('shows the changes, and follows the pages of a large fleet', async () => {
  const whole = planned({ pages: { before: 1, after: 2, added: 1, removed: 0 } })
  held.plan.mockResolvedValue(planned({ job_id: 'j' }))
  held.get
    .mockResolvedValueOnce({ progress: 0.5, result: null, error: null })
    .mockResolvedValueOnce({ progress: 1, result: whole, error: null })
  const { plan, progress, isPlanning, make } = run(() => usePlan())
  void make('a: 1', 30)
  await vi.advanceTimersByTimeAsync(0)
  expect([plan.value?.pages, progress.value, isPlanning.value]).toEqual([null, 0.5, true])
  await vi.advanceTimersByTimeAsync(1_000)
  expect([plan.value, progress.value, isPlanning.value]).toEqual([whole, undefined, false])
  expect(held.cancel).not.toHaveBeenCalled()
})

it('cancels a plan when the file changes', async () => {
  held.plan.mockResolvedValue(planned({ job_id: 'j' }))
  held.get.mockResolvedValue({ progress: 0.5, result: null, error: null })
  const { plan, isPlanning, make, clear } = run(() => usePlan())
  void make('a: 1', 30)
  await vi.advanceTimersByTimeAsync(0)
  clear()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(held.cancel).toHaveBeenCalledWith('j')
  expect([plan.value, isPlanning.value]).toEqual([undefined, false])
})

it('says why a file is no plan', async () => {
  held.plan.mockRejectedValue(new ApiError(400, 'invalid_input', 'wrong', { 'policies[0]': '(line 2) is there twice' }))
  const { plan, error, make } = run(() => usePlan())
  await make('a: 1', 30)
  expect([plan.value, error.value?.fields]).toEqual([undefined, { 'policies[0]': '(line 2) is there twice' }])
})
