import { expect, test } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { ApiError } from '@/api/envelope'
import { useQuery } from './useQuery'

/** A query that the test answers. */
function slow<T>() {
  const waiting: { resolve: (value: T) => void; reject: (error: unknown) => void; signal: AbortSignal }[] = []
  const ask = (signal: AbortSignal) => new Promise<T>((resolve, reject) => waiting.push({ resolve, reject, signal }))
  return { ask, waiting }
}

const settled = () => new Promise((resolve) => setTimeout(resolve))

test('it loads, and shows what came', async () => {
  const { ask, waiting } = slow<string>()
  const query = effectScope().run(() => useQuery(ask))!
  expect(query.isLoading.value).toBe(true)
  waiting[0]?.resolve('data')
  await settled()
  expect([query.data.value, query.isLoading.value, query.isBusy.value]).toEqual(['data', false, false])
})

test('an answer that was overtaken is dropped', async () => {
  const { ask, waiting } = slow<string>()
  const what = ref(1)
  const query = effectScope().run(() => useQuery(ask, [what]))!
  what.value = 2
  await nextTick()
  waiting[1]?.resolve('new')
  waiting[0]?.resolve('old')
  await settled()
  expect(query.data.value).toBe('new')
  expect(waiting[0]?.signal.aborted).toBe(true)
})

test('a refresh keeps what is shown, also when it fails', async () => {
  const { ask, waiting } = slow<string>()
  const query = effectScope().run(() => useQuery(ask))!
  waiting[0]?.resolve('data')
  await settled()
  void query.reload()
  expect([query.data.value, query.isLoading.value, query.isBusy.value]).toEqual(['data', false, true])
  waiting[1]?.reject(new ApiError(503, 'unavailable', 'away'))
  await settled()
  expect([query.data.value, query.error.value?.status]).toEqual(['data', 503])
})

test('who leaves the page asks no more', async () => {
  const { ask, waiting } = slow<string>()
  const scope = effectScope()
  scope.run(() => useQuery(ask))
  scope.stop()
  expect(waiting[0]?.signal.aborted).toBe(true)
})
