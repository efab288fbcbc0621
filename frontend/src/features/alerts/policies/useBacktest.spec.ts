import { effectScope, nextTick, ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/envelope'
import type { Backtest, NewPolicy } from '@/api/types'
import { blankPolicy, toBacktest } from './policyForm'
import { useBacktest } from './useBacktest'

interface Asked {
  critical: number | null | undefined
  days: number
  signal: AbortSignal
  onProgress: (share: number) => void
  answer: (total: number) => void
  fail: (error: unknown) => void
}

const found = (total: number): Backtest => ({
  total,
  already_firing: 0,
  firing_seconds: 0,
  per_day: [],
  servers: [],
  alerts: [],
  sweep: [],
  escalations: 0,
  reminders: 0,
  ended_within_hour: 0,
  quietest: null,
  peaks: [],
  verdicts: { useful_kept: 0, useful_lost: 0, noise_kept: 0, noise_removed: 0 },
})

function opened() {
  const asked: Asked[] = []
  const policy = ref<NewPolicy | null>(withCritical(85))
  const days = ref(7)
  const scope = effectScope()
  const run = (given: NewPolicy, over: number, { signal, onProgress }: Pick<Asked, 'signal' | 'onProgress'>) =>
    new Promise<Backtest>((resolve, reject) => {
      asked.push({
        critical: given.critical,
        days: over,
        signal,
        onProgress,
        answer: (total) => resolve(found(total)),
        fail: reject,
      })
    })
  const test = scope.run(() => useBacktest(policy, days, run))!
  return { asked, policy, days, scope, test }
}

function withCritical(critical: number): NewPolicy | null {
  return toBacktest({ ...blankPolicy({ tag: null, server_id: null }), critical })
}

async function pass(milliseconds: number): Promise<void> {
  await nextTick()
  await vi.advanceTimersByTimeAsync(milliseconds)
}

describe('the backtest beside the form', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('asks at once when the form opens', async () => {
    const { asked, test } = opened()
    await pass(0)
    asked[0]?.answer(41)
    await pass(0)
    expect(test.result.value?.total).toBe(41)
    expect([test.isRunning.value, test.isStale.value]).toEqual([false, false])
  })

  it('waits until the threshold rests, and asks for the last value alone', async () => {
    const { asked, policy } = opened()
    await pass(0)
    for (const critical of [86, 87, 88]) {
      policy.value = withCritical(critical)
      await pass(200)
    }
    expect(asked.map(({ critical }) => critical)).toEqual([85])
    await pass(200)
    expect(asked.map(({ critical }) => critical)).toEqual([85, 88])
  })

  it('cancels the run before as soon as the threshold moves, and drops its late answer', async () => {
    const { asked, policy, test } = opened()
    await pass(0)
    policy.value = withCritical(90)
    await nextTick()
    expect(asked[0]?.signal.aborted).toBe(true)
    await pass(400)
    asked[1]?.answer(3)
    await pass(0)
    asked[0]?.answer(41)
    await pass(0)
    expect(test.result.value?.total).toBe(3)
  })

  it('keeps the last result, marked stale, until the next is there', async () => {
    const { asked, days, test } = opened()
    await pass(0)
    asked[0]?.answer(41)
    await pass(0)
    days.value = 30
    await nextTick()
    expect([test.result.value?.total, test.isStale.value]).toEqual([41, true])
  })

  it('tells the progress of the run that is on', async () => {
    const { asked, policy, test } = opened()
    await pass(0)
    asked[0]?.onProgress(0.4)
    expect(test.progress.value).toBe(0.4)
    policy.value = withCritical(90)
    await pass(400)
    asked[0]?.onProgress(0.9)
    expect(test.progress.value).toBe(0)
  })

  it('asks nothing while the form is incomplete, and ends what is on', async () => {
    const { asked, policy, test } = opened()
    await pass(0)
    policy.value = null
    await pass(1_000)
    expect([asked.length, asked[0]?.signal.aborted, test.isRunning.value]).toEqual([1, true, false])
  })

  it('says what is wrong, and forgets it when the form changes', async () => {
    const { asked, policy, test } = opened()
    await pass(0)
    asked[0]?.fail(new ApiError(400, 'invalid_input', 'no', { critical: 'must lie beyond' }))
    await pass(0)
    expect(test.error.value?.fields).toEqual({ critical: 'must lie beyond' })
    policy.value = withCritical(90)
    await nextTick()
    expect(test.error.value).toBeUndefined()
  })

  it('is cancelled by hand, and with the page', async () => {
    const { asked, policy, scope, test } = opened()
    await pass(0)
    test.cancel()
    expect([asked[0]?.signal.aborted, test.isCancelled.value, test.isRunning.value]).toEqual([true, true, false])
    policy.value = withCritical(90)
    await pass(400)
    scope.stop()
    expect(asked[1]?.signal.aborted).toBe(true)
  })
})
