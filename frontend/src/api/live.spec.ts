import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useTokensOf } from './http'
import { followLive, type LiveListener } from './live'

/** Fake of the browser's EventSource. */
class FakeSource extends EventTarget {
  static all: FakeSource[] = []
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  isClosed = false

  constructor(readonly url: string) {
    super()
    FakeSource.all.push(this)
  }

  close(): void {
    this.isClosed = true
  }

  say(name: string, data: unknown, lastEventId = ''): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data), lastEventId }))
  }
}

let heard: unknown[] = []
const listener: LiveListener = {
  servers: (ids, revision) => heard.push(['servers', ids, revision]),
  samples: (samples) => heard.push(['samples', samples.length]),
  status: (changes) => heard.push(['status', changes.length]),
  alerts: (changes) => heard.push(['alerts', changes.length]),
  opened: (hasMissed) => heard.push(hasMissed ? 'opened, may have missed something' : 'opened'),
  closed: () => heard.push('closed'),
}
let tickets = 0
let refuse = false

beforeEach(() => {
  vi.useFakeTimers()
  heard = []
  tickets = 0
  refuse = false
  FakeSource.all = []
  vi.stubGlobal('EventSource', FakeSource)
  useTokensOf({
    token: () => 'token',
    renew: async () => null,
    confirm: async () => false,
    lacksFactor: () => undefined,
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const takeTicket = () => {
  tickets += 1
  return refuse ? Promise.reject(new Error('away')) : Promise.resolve(`t${tickets}`)
}

const follow = (scope = {}) => followLive(listener, scope, takeTicket)
const flush = () => vi.advanceTimersByTimeAsync(0)

test('it opens with a ticket and tells what comes', async () => {
  const stop = follow({ brief: true })
  await flush()
  const source = FakeSource.all[0]!
  expect(source.url).toBe('/api/live?ticket=t1&brief=true')
  source.onopen?.()
  source.say('servers', [1, 2], '7')
  source.say('samples', [{}, {}])
  expect(heard).toEqual(['opened', ['servers', [1, 2], '7'], ['samples', 2]])
  stop()
  expect(source.isClosed).toBe(true)
})

test('a broken stream is opened again with a new ticket, later each time', async () => {
  const stop = follow()
  await flush()
  FakeSource.all[0]?.onerror?.()
  expect(heard).toEqual(['closed'])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(FakeSource.all[1]?.url).toBe('/api/live?ticket=t2')
  FakeSource.all[1]?.onerror?.()
  await vi.advanceTimersByTimeAsync(900)
  expect(FakeSource.all).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(1_200)
  expect(FakeSource.all).toHaveLength(3)
  stop()
})

test('while no ticket is to be had it goes on trying', async () => {
  refuse = true
  const stop = follow()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(FakeSource.all).toHaveLength(0)
  refuse = false
  await vi.advanceTimersByTimeAsync(16_000)
  expect(FakeSource.all).toHaveLength(1)
  stop()
})

test('a long silence is taken for a dead connection, quietly', async () => {
  const stop = follow()
  await flush()
  FakeSource.all[0]?.onopen?.()
  await vi.advanceTimersByTimeAsync(46_000)
  expect([FakeSource.all.length, FakeSource.all[0]?.isClosed]).toEqual([2, true])
  expect(heard).toEqual(['opened'])
  FakeSource.all[1]?.onopen?.()
  expect(heard).toEqual(['opened', 'opened, may have missed something'])
  for (let times = 0; times < 5; times += 1) {
    await vi.advanceTimersByTimeAsync(20_000)
    FakeSource.all[1]?.say('alive', [])
  }
  expect(FakeSource.all).toHaveLength(2)
  stop()
})

test('once it is stopped nothing is opened any more', async () => {
  const stop = follow()
  stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(FakeSource.all).toHaveLength(0)
})
