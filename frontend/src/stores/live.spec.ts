import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, shallowRef } from 'vue'
import * as alerts from '@/api/alerts'
import * as live from '@/api/live'
import * as servers from '@/api/servers'
import type { Alert, FleetCounts } from '@/api/types'
import { aServer } from '@/testing/aServer'
import { freshStores } from '@/testing/freshStores'
import { useFiring } from './firing'
import { useFleet } from './fleet'
import { useFollowed, useHeld, useLive } from './live'

interface Stream {
  tell: live.LiveListener
  scope: NonNullable<Parameters<typeof live.followLive>[1]>
  isOpen: boolean
}

/** Fake network: the streams that were opened, the alerts that fire, and the servers whose rows were asked for. */
const network = { streams: [] as Stream[], firing: [] as number[], rows: [] as number[][] }

const { run } = freshStores()

beforeEach(() => {
  Object.assign(network, { streams: [], firing: [], rows: [] })
  vi.spyOn(live, 'followLive').mockImplementation((tell, scope = {}) => {
    const stream = { tell, scope, isOpen: true }
    network.streams.push(stream)
    return () => (stream.isOpen = false)
  })
  vi.spyOn(alerts, 'listAlerts').mockImplementation(() =>
    Promise.resolve({ items: network.firing.map((id) => ({ id, started_at: '' }) as Alert), next: null }),
  )
  vi.spyOn(servers, 'getSome').mockImplementation((ids) => {
    network.rows.push(ids)
    return Promise.resolve(ids.map((id) => aServer(id)))
  })
})

const newest = () => network.streams.at(-1)!
const settled = () => vi.advanceTimersByTimeAsync(200)

/** Components that look at these servers; the result leaves with them. */
function follow(...ids: number[]): () => void {
  const component = run(() => effectScope())
  component.run(() => useFollowed(() => ids))
  return () => component.stop()
}

/** A stream that was opened, and had sent which servers it sends. */
async function started(...ids: number[]): Promise<void> {
  follow(...ids)
  useLive().start()
  newest().tell.opened()
  newest().tell.servers(ids, '1')
  await settled()
}

/** The browser shows the tab, or hides it. */
async function turn(to: DocumentVisibilityState): Promise<void> {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(to)
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.advanceTimersByTimeAsync(0)
}

describe('what the stream sends', () => {
  it('is of the servers that components look at, each once, with all counts', async () => {
    follow(1, 2)
    follow(2, 3)
    await started()
    expect(newest().scope).toEqual({ serverIds: [1, 2, 3], brief: true, counts: true })
  })

  it('is of as many servers as an address holds', async () => {
    await started(...Array.from({ length: 700 }, (_, id) => id))
    expect(newest().scope.serverIds).toHaveLength(600)
  })

  it('is of another server once, a little after a component looks at it', async () => {
    await started(1)
    follow(2)
    await vi.advanceTimersByTimeAsync(150)
    follow(3)
    await vi.advanceTimersByTimeAsync(150)
    expect(network.streams).toHaveLength(1)
    await settled()
    expect(network.streams.map(({ scope, isOpen }) => [scope.serverIds, isOpen])).toEqual([
      [[1], true],
      [[1, 2, 3], true],
    ])
    newest().tell.opened()
    expect(network.streams.map(({ isOpen }) => isOpen)).toEqual([false, true])
  })

  it('goes on when a component leaves', async () => {
    const leave = follow(2)
    await started(1)
    leave()
    await settled()
    expect(network.streams.map(({ isOpen }) => isOpen)).toEqual([true])
  })

  it('is taken over', async () => {
    await started(1)
    const counts: FleetCounts = {
      total_servers: 1,
      online_servers: 1,
      never_reported: 0,
      offline_servers: 0,
      silenced_servers: 0,
      alert_count: 0,
    }
    newest().tell.counts?.(counts)
    newest().tell.samples([{ server_id: 1, status: 'online' } as never])
    newest().tell.status([{ server_id: 1, status: 'offline' }])
    expect([useFleet().counts, useFleet().liveOf(1)?.status]).toEqual([counts, 'offline'])
  })

  it('ends with the session', async () => {
    await started(1)
    useLive().end()
    follow(2)
    await settled()
    expect(network.streams.map(({ isOpen }) => isOpen)).toEqual([false])
  })
})

describe('what was missed', () => {
  it('is fetched after a reconnection', async () => {
    await started(1)
    network.firing = [7]
    newest().tell.closed()
    expect(useLive().state).toBe('off')
    newest().tell.opened()
    await settled()
    expect([useLive().state, useLive().reconnects, useFleet().changes, useFiring().alerts.length]).toEqual([
      'on',
      1,
      1,
      1,
    ])
  })

  it('is nothing where the stream is only opened for other servers', async () => {
    await started(1)
    network.firing = [7]
    follow(2)
    await settled()
    newest().tell.opened()
    await settled()
    expect([useLive().state, useLive().reconnects]).toEqual(['on', 0])
    expect([useFleet().changes, useFiring().alerts.length]).toEqual([0, 0])
  })

  it('is fetched if the stream for other servers cannot be opened at once', async () => {
    await started(1)
    follow(2)
    await settled()
    newest().tell.closed()
    newest().tell.opened()
    expect([useLive().reconnects, useFleet().changes]).toEqual([1, 1])
  })
})

describe('what fires', () => {
  beforeEach(() => (network.firing = [7]))

  it('is fetched at once if no stream can be opened, and again while there is none', async () => {
    useLive().start()
    newest().tell.closed()
    await settled()
    expect([useLive().state, useFiring().isLoaded, useFiring().alerts.length]).toEqual(['off', true, 1])
    network.firing = [7, 8]
    await vi.advanceTimersByTimeAsync(15_000)
    expect(useFiring().alerts.length).toBe(2)
  })

  it('is fetched if the stream neither opens nor fails', async () => {
    useLive().start()
    await vi.advanceTimersByTimeAsync(15_000)
    expect([useLive().state, useFiring().isLoaded, useFiring().alerts.length]).toEqual(['connecting', true, 1])
  })

  it('is asked for once a minute beside the stream, which has no acknowledgements', async () => {
    await started(1)
    network.firing = [7, 8]
    await vi.advanceTimersByTimeAsync(45_000)
    expect(useFiring().alerts.length).toBe(1)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(useFiring().alerts.length).toBe(2)
  })

  it('is asked for when a stream was reopened that may have been dead', async () => {
    await started(1)
    network.firing = [7, 8]
    newest().tell.opened(true)
    await settled()
    expect([useFiring().alerts.length, useLive().reconnects, useLive().state]).toEqual([2, 1, 'on'])
  })
})

describe('the servers that the stream names', () => {
  it('first are no change, later are one', async () => {
    await started(1)
    expect(useFleet().changes).toBe(0)
    newest().tell.servers([1], '2')
    expect(useFleet().changes).toBe(1)
  })

  it('of the next stream are one if the fleet changed before', async () => {
    await started(1)
    follow(2)
    await settled()
    newest().tell.opened()
    newest().tell.servers([1, 2], '1')
    expect(useFleet().changes).toBe(0)
    follow(3)
    await settled()
    newest().tell.opened()
    newest().tell.servers([1, 2, 3], '2')
    expect(useFleet().changes).toBe(1)
  })

  it('after a reconnection are no further change', async () => {
    await started(1)
    newest().tell.closed()
    newest().tell.opened()
    newest().tell.servers([1], '2')
    expect(useFleet().changes).toBe(1)
  })
})

describe('a hidden tab', () => {
  it('closes the stream after 30 seconds, and opens it when it is seen again', async () => {
    await started(1)
    await turn('hidden')
    await vi.advanceTimersByTimeAsync(29_000)
    expect(newest().isOpen).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect([newest().isOpen, useLive().state]).toEqual([false, 'paused'])
    await turn('visible')
    newest().tell.opened()
    expect([network.streams.length, newest().isOpen, useLive().state, useLive().reconnects]).toEqual([2, true, 'on', 1])
  })

  it('keeps the stream if it is seen before', async () => {
    await started(1)
    await turn('hidden')
    await vi.advanceTimersByTimeAsync(29_000)
    await turn('visible')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(network.streams.map(({ isOpen }) => isOpen)).toEqual([true])
  })

  it('opens no stream for other servers until it is seen', async () => {
    await started(1)
    await turn('hidden')
    await vi.advanceTimersByTimeAsync(30_000)
    follow(2)
    await settled()
    expect(network.streams).toHaveLength(1)
    await turn('visible')
    expect(newest().scope.serverIds).toEqual([1, 2])
  })
})

describe('rows that are held', () => {
  it('are fetched for servers that come, and of all after a change of the fleet', async () => {
    const ids = shallowRef([1, 2])
    run(() => useHeld(() => ids.value))
    await settled()
    ids.value = [2, 3]
    await settled()
    expect([network.rows, [...useFleet().servers.keys()]]).toEqual([
      [[1, 2], [3]],
      [1, 2, 3],
    ])
    useFleet().changed()
    await settled()
    expect(network.rows.at(-1)).toEqual([2, 3])
  })

  it('are fetched again for a server that comes back', async () => {
    const ids = shallowRef([1])
    run(() => useHeld(() => ids.value))
    ids.value = []
    await settled()
    ids.value = [1]
    await settled()
    expect(network.rows.filter((asked) => asked.length > 0)).toEqual([[1], [1]])
  })

  it('are of the first ones of very many, which the stream sends too', async () => {
    run(() => useHeld(() => Array.from({ length: 300 }, (_, id) => id)))
    await started()
    expect([network.rows[0]?.length, newest().scope.serverIds?.length]).toEqual([200, 200])
  })
})
