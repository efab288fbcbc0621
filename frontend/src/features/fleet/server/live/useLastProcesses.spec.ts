import { flushPromises } from '@vue/test-utils'
import { beforeEach, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import * as api from '@/api/alerts'
import type { Alert, AlertDetail, LiveSample } from '@/api/types'
import { useLastProcesses } from './useLastProcesses'

const asked: number[] = []
beforeEach(() => {
  vi.spyOn(api, 'getAlert').mockImplementation(async (id) => {
    asked.push(id)
    return { started_at: '2026-11-01 11:00:00', processes: [{ name: 'kept', cpu: 1, memory: 2 }] } as AlertDetail
  })
})
const aSample = (status: string, ...names: string[]) =>
  ({ status, recorded_at: '2026-11-01 12:00:00', processes: names.map((name) => ({ name })) }) as unknown as LiveSample
const OFFLINE = [{ id: 7, metric: 'offline' }] as Alert[]

async function processesOf(sample: LiveSample, alerts: Alert[]) {
  asked.length = 0
  const held = ref(sample)
  const { processes, from } = effectScope().run(() =>
    useLastProcesses(
      () => held.value,
      () => alerts,
    ),
  )!
  await flushPromises()
  return [processes.value.map(({ name }) => name), from.value, asked]
}

it('are of now while the server reports', async () => {
  expect(await processesOf(aSample('online', 'own'), [])).toEqual([['own'], null, []])
})

it('are those of its last sample while it is offline', async () => {
  expect(await processesOf(aSample('offline', 'own'), OFFLINE)).toEqual([['own'], '2026-11-01 12:00:00', []])
})

it('are those that the alert keeps, after a restart of the monitoring server', async () => {
  expect(await processesOf(aSample('offline'), OFFLINE)).toEqual([['kept'], '2026-11-01 11:00:00', [7]])
})

it('are none where neither knows any', async () => {
  expect(await processesOf(aSample('offline'), [])).toEqual([[], null, []])
})
