import { describe, expect, it } from 'vitest'
import { effectScope } from 'vue'
import { ApiError } from '@/api/envelope'
import type { Import } from '@/api/types'
import { settled } from '@/testing/onPage'
import { useImport } from './useImport'

interface Sent {
  file: Blob
  dryRun: boolean
  signal: AbortSignal | undefined
  answer: (plan: Partial<Import>) => void
  fail: (error: unknown) => void
}

const file = (name = 'servers.csv') => new File(['server_name,ip_address\r\n'], name)

function opened() {
  const sent: Sent[] = []
  const scope = effectScope()
  const send = (csv: Blob, dryRun: boolean, signal?: AbortSignal) =>
    new Promise<Import>((resolve, reject) => {
      const answer = (plan: Partial<Import>) =>
        resolve({ dry_run: dryRun, created: 0, updated: 0, unchanged: 0, lines: [], ...plan })
      sent.push({ file: csv, dryRun, signal, answer, fail: reject })
    })
  const way = scope.run(() => useImport(send))!
  return { sent, scope, way }
}

/** An import up to its preview. */
async function previewed(plan: Partial<Import>) {
  const test = opened()
  void test.way.choose(file())
  test.sent[0]?.answer(plan)
  await settled()
  return test
}

describe('the way of a file in', () => {
  it('is tried out first, and nothing is stored', async () => {
    const { sent, way } = opened()
    void way.choose(file())
    expect([way.step.value, way.file.value?.name, sent.map(({ dryRun }) => dryRun)]).toEqual([
      'checking',
      'servers.csv',
      [true],
    ])
    sent[0]?.answer({ created: 2 })
    await settled()
    expect([way.step.value, way.plan.value?.created, way.isWorthApplying.value]).toEqual(['preview', 2, true])
  })

  it.each([
    [{ created: 1 }, true],
    [{ updated: 1 }, true],
    [{ unchanged: 9 }, false],
    [{}, false],
  ])('of %o: worth applying is %s', async (plan, is) => {
    const { way } = await previewed(plan)
    expect(way.isWorthApplying.value).toBe(is)
  })

  it('applies the very file that was looked at, once', async () => {
    const { sent, way } = await previewed({ created: 1 })
    const stored = way.apply()
    expect([way.step.value, await way.apply()]).toEqual(['applying', false])
    sent[1]?.answer({ created: 3 })
    expect([await stored, way.step.value, way.plan.value?.created]).toEqual([true, 'done', 3])
    expect(sent.map(({ dryRun }) => dryRun)).toEqual([true, false])
    expect(sent[1]?.file).toBe(sent[0]?.file)
  })

  it('applies nothing that was not looked at', async () => {
    const { sent, way } = opened()
    expect(await way.apply()).toBe(false)
    void way.choose(file())
    expect(await way.apply()).toBe(false)
    expect(sent.map(({ dryRun }) => dryRun)).toEqual([true])
  })

  it('tells the problems by line and is at its beginning again', async () => {
    const { sent, way } = opened()
    void way.choose(file())
    sent[0]?.fail(new ApiError(400, 'invalid_input', 'no', { 'line 3.port': 'out of range', 'line 2': 'odd' }))
    await settled()
    expect([way.step.value, way.problems.value.map(({ line }) => line), way.plan.value]).toEqual([
      'choose',
      [2, 3],
      undefined,
    ])
  })

  it('tells what went wrong at the last step, and shows no plan that does not hold', async () => {
    const { sent, way } = await previewed({ created: 1 })
    const stored = way.apply()
    sent[1]?.fail(new ApiError(503, 'unavailable', 'away'))
    expect([await stored, way.step.value, way.error.value?.status, way.plan.value]).toEqual([
      false,
      'choose',
      503,
      undefined,
    ])
  })

  it('begins anew with another file: what was said of the first is gone, and its late answer is dropped', async () => {
    const { sent, way } = opened()
    void way.choose(file('first.csv'))
    sent[0]?.fail(new ApiError(400, 'invalid_input', 'no', { 'line 2': 'odd' }))
    await settled()
    void way.choose(file('second.csv'))
    expect([way.error.value, way.problems.value]).toEqual([undefined, []])
    void way.choose(file('third.csv'))
    expect(sent[1]?.signal?.aborted).toBe(true)
    sent[2]?.answer({ created: 3 })
    sent[1]?.answer({ created: 2 })
    await settled()
    expect([way.file.value?.name, way.plan.value?.created]).toEqual(['third.csv', 3])
  })

  it('is given up by going back, and a failure that comes late is not shown', async () => {
    const { sent, way } = opened()
    void way.choose(file())
    way.reset()
    sent[0]?.fail(new ApiError(0, 'unreachable', ''))
    await settled()
    expect([way.step.value, way.error.value, sent[0]?.signal?.aborted]).toEqual(['choose', undefined, true])
  })

  it('ends with the page', () => {
    const { sent, scope, way } = opened()
    void way.choose(file())
    scope.stop()
    expect(sent[0]?.signal?.aborted).toBe(true)
  })
})
