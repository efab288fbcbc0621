import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/envelope'
import * as servers from '@/api/servers'
import type { FleetCounts } from '@/api/types'
import { useFleet } from '@/stores/fleet'
import { useLive } from '@/stores/live'
import { useSession } from '@/stores/session'
import { useFleetCounts } from './useFleetCounts'

const COUNTS: FleetCounts = {
  total_servers: 9,
  online_servers: 8,
  never_reported: 0,
  offline_servers: 1,
  silenced_servers: 0,
  alert_count: 2,
}

/** Fake network: how many servers there are, and how often it was asked. Each answer takes `ms`. */
const network = { total: 0, asked: 0, isAway: false, ms: 0 }

let page: ReturnType<typeof mount> | undefined

beforeEach(() => {
  vi.spyOn(servers, 'listOrdered').mockImplementation(
    ({ query = {} }) =>
      new Promise((resolve, reject) => {
        network.asked += 1
        const matching =
          query.status === 'online' ? 3 : query.status === 'never' ? 1 : query.silenced === 'yes' ? 2 : network.total
        const answer = () =>
          network.isAway ? reject(new ApiError(0, 'unreachable', '')) : resolve({ matching, servers: [] })
        setTimeout(answer, network.ms)
      }),
  )
  vi.useFakeTimers()
  setActivePinia(createPinia())
  Object.assign(network, { total: 5, asked: 0, isAway: false, ms: 0 })
})

afterEach(() => {
  page?.unmount()
  vi.useRealTimers()
})

function shown() {
  let counts: ReturnType<typeof useFleetCounts>['counts'] | undefined
  page = mount({
    setup: () => {
      counts = useFleetCounts().counts
      return () => null
    },
  })
  return counts!
}
const answered = () => vi.advanceTimersByTimeAsync(0)

it('they are asked for if no stream has sent them', async () => {
  const counts = shown()
  await answered()
  expect(counts.value).toEqual({
    total_servers: 5,
    online_servers: 3,
    never_reported: 1,
    offline_servers: 2,
    silenced_servers: 2,
    alert_count: 0,
  })
})

it('they are asked for once where the stream is there', async () => {
  useLive().state = 'on'
  shown()
  await answered()
  const once = network.asked
  await vi.advanceTimersByTimeAsync(60_000)
  expect([once > 0, network.asked]).toEqual([true, once])
})

it('they are not asked for if the stream has sent them', async () => {
  useLive().state = 'on'
  useFleet().counts = COUNTS
  const counts = shown()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([counts.value, network.asked]).toEqual([COUNTS, 0])
})

it('they are asked for again and again while the stream is away', async () => {
  const counts = shown()
  await answered()
  useLive().state = 'off'
  network.total = 6
  await vi.advanceTimersByTimeAsync(16_000)
  expect(counts.value?.total_servers).toBe(6)
})

it('what the stream sends wins over an answer that comes later', async () => {
  network.ms = 500
  const counts = shown()
  useLive().state = 'on'
  useFleet().counts = COUNTS
  await vi.advanceTimersByTimeAsync(1_000)
  expect(counts.value).toEqual(COUNTS)
})

it('those known stay while the server cannot be reached', async () => {
  const counts = shown()
  await answered()
  network.isAway = true
  await vi.advanceTimersByTimeAsync(16_000)
  expect(counts.value?.total_servers).toBe(5)
})

it('a hidden tab asks for none', async () => {
  const counts = shown()
  await answered()
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  document.dispatchEvent(new Event('visibilitychange'))
  useLive().state = 'paused'
  network.total = 6
  await vi.advanceTimersByTimeAsync(60_000)
  expect(counts.value?.total_servers).toBe(5)
})

it('an ended session asks no more until the user is back', async () => {
  const counts = shown()
  await answered()
  useLive().state = 'off'
  useSession().ended = 'elsewhere'
  const once = network.asked
  network.total = 6
  await vi.advanceTimersByTimeAsync(60_000)
  expect(network.asked).toBe(once)
  useSession().ended = null
  await vi.advanceTimersByTimeAsync(16_000)
  expect(counts.value?.total_servers).toBe(6)
})

it('a page that was left asks no more', async () => {
  const counts = shown()
  await answered()
  page?.unmount()
  network.total = 6
  await vi.advanceTimersByTimeAsync(60_000)
  expect(counts.value?.total_servers).toBe(5)
})
