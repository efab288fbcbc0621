import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Check } from '@/api/checks'
import { fakeServer, shown, type FakeServer } from '@/testing/fakeServer'

let server: FakeServer
const column = { avg: [3], min: [3], max: [3] }

beforeEach(async () => {
  document.body.replaceChildren()
  server = fakeServer()
})

it('draws the figures of the monitor itself', async () => {
  const answer = { resolution: 30, time: ['2030-01-01 12:00:00'], coverage: [1], monitor_queue_samples: column }
  server.answers['GET /api/checks/7/series'] = () => answer
  const { default: CheckCharts } = await import('./CheckCharts.vue')
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: CheckCharts }] })
  await router.push('/')
  const check = { id: 7, kind: 'monitor' } as Check
  await shown(CheckCharts, {}, { check, silences: [] }, [router])
  await vi.waitFor(() => expect(document.body.textContent).toContain('Queue'), { timeout: 30_000 })
  expect(document.body.textContent).not.toContain('Response time')
})
