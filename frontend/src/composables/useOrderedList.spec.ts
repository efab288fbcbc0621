import { beforeEach, describe, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import { ApiError } from '@/api/envelope'
import type { ServerQuery } from '@/api/servers'
import type { BriefSample, OrderedServer } from '@/api/types'
import { useFleet } from '@/stores/fleet'
import { useLive } from '@/stores/live'
import { aServer } from '@/testing/aServer'
import { freshStores } from '@/testing/freshStores'
import { useOrderedList } from './useOrderedList'

const BY_NAME: ServerQuery = { sort: 'name' }
const BY_CPU: ServerQuery = { sort: '-cpu' }

/** Numbers from *first* to *last*. */
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at)

/** Fake network: the servers in order, by the words looked for, and the pages asked for. A slow one answers when a test says so. */
const network = {
  lists: {} as Record<string, number[]>,
  asked: [] as number[],
  brokenPages: [] as number[],
  isSlow: false,
  answers: [] as (() => void)[],
  followed: [] as number[],
}

vi.mock('@/api/servers', () => ({
  listOrdered({ query }: { query: { q?: string; offset: number; limit: number } }) {
    const page = query.offset / query.limit
    network.asked.push(page)
    const ids = network.lists[query.q ?? ''] ?? []
    const isBroken = network.brokenPages.includes(page)
    return new Promise((resolve, reject) => {
      const answer = () => (isBroken ? reject(new ApiError(503, 'unavailable', 'away')) : resolve({ matching: ids.length, servers: ids.slice(query.offset, query.offset + query.limit).map(aRow) }))
      if (network.isSlow) network.answers.push(answer)
      else answer()
    })
  },
}))
vi.mock('@/api/live', () => ({
  followLive: (_: unknown, { serverIds }: { serverIds: number[] }) => {
    network.followed = serverIds
    return () => undefined
  },
}))

function aRow(id: number): OrderedServer {
  return { ...aServer(id), criticals: 0, warnings: 0, live: { server_id: id, status: 'online' } as BriefSample }
}

const component = freshStores()

beforeEach(() => {
  Object.assign(network, { lists: { '': from(1, 350), b: from(501, 520) }, asked: [], brokenPages: [], isSlow: false, answers: [], followed: [] })
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const settled = () => pass(0)

/** A list whose first page was fetched. */
async function started(given: ServerQuery = BY_NAME) {
  const query = shallowRef(given)
  const list = component.run(() => useOrderedList(query))
  await settled()
  /** The ids of the fetched rows. */
  const ids = () => list.rows.value.flatMap((row) => row?.id ?? [])
  async function see(first: number, last: number): Promise<void> {
    list.see(first, last)
    await settled()
  }
  return { query, list, ids, see }
}

/** Tells a slow network to answer the requests that came at these places. */
async function answer(...places: number[]): Promise<void> {
  for (const place of places) network.answers[place]?.()
  await settled()
}

describe('the rows', () => {
  it('are as many as match, with holes where none was fetched', async () => {
    const { list, ids } = await started()
    expect([list.rows.value.length, ids(), list.rows.value[100]]).toEqual([350, from(1, 100), undefined])
  })

  it('are fetched when they come into view', async () => {
    const { see, ids } = await started()
    await see(250, 301)
    expect([network.asked, ids()]).toEqual([[0, 2, 3], [...from(1, 100), ...from(201, 350)]])
  })

  it('that are held are not fetched again', async () => {
    const { see } = await started()
    await see(80, 120)
    await see(0, 40)
    expect(network.asked).toEqual([0, 1])
  })

  it('that are on their way are not asked for again', async () => {
    const { see } = await started()
    network.isSlow = true
    await see(90, 130)
    await see(91, 131)
    expect(network.asked).toEqual([0, 1])
  })

  it('bring their newest samples', async () => {
    await started()
    expect([useFleet().liveOf(100)?.status, useFleet().liveOf(101)]).toEqual(['online', undefined])
  })

  it('in view are followed, also those seen before', async () => {
    useLive().start()
    const { see } = await started()
    await see(200, 240)
    await pass(200)
    expect(network.followed).toEqual(from(201, 300))
    await see(0, 40)
    await pass(200)
    expect(network.followed).toEqual(from(1, 100))
  })

  it('become fewer when servers are deleted', async () => {
    const { list, see, ids } = await started()
    await see(80, 120)
    network.lists[''] = from(1, 20)
    await see(180, 220)
    expect([list.rows.value.length, ids()]).toEqual([20, from(1, 20)])
  })

  it('are found again if there are none left where the user was', async () => {
    const { list, see, ids } = await started()
    await see(310, 350)
    network.lists[''] = from(1, 20)
    await list.reload()
    expect(list.rows.value).toHaveLength(20)
    await see(0, 20)
    expect(ids()).toEqual(from(1, 20))
  })
})

describe('another query', () => {
  it('shows the old rows until its own are there', async () => {
    const { query, list, ids } = await started()
    network.isSlow = true
    query.value = { q: 'b' }
    await settled()
    expect([list.rows.value.length, ids()]).toEqual([350, from(1, 100)])
    await answer(0)
    expect([list.rows.value.length, ids()]).toEqual([20, from(501, 520)])
  })

  it('drops the pages that are not in view', async () => {
    const { query, see, ids } = await started()
    await see(150, 190)
    network.lists.b = from(501, 700)
    query.value = { q: 'b' }
    await settled()
    expect(ids()).toEqual(from(501, 600))
  })

  it('lets no answer to the one before come in', async () => {
    const { query, ids } = await started()
    network.isSlow = true
    query.value = { q: 'nothing' }
    await settled()
    query.value = { q: 'b' }
    await settled()
    await answer(1, 0)
    expect(ids()).toEqual(from(501, 520))
  })
})

describe('the order', () => {
  /** Who was last has become first. */
  const turnAround = () => network.lists['']!.reverse()

  it.each([BY_CPU, { sort: 'name', status: 'offline' }, { sort: 'name', alerts: 'any' }, { sort: 'name', silenced: 'yes' }] as ServerQuery[])('of %o is asked for every five seconds', async (query) => {
    const { ids } = await started(query)
    useLive().state = 'on'
    turnAround()
    await pass(4_900)
    expect(ids()[0]).toBe(1)
    await pass(100)
    expect(ids()[0]).toBe(350)
    turnAround()
    await pass(5_000)
    expect(ids()[0]).toBe(1)
  })

  it('of what does not move stays while there is a stream', async () => {
    const { ids } = await started()
    useLive().state = 'on'
    turnAround()
    await pass(60_000)
    expect(ids()[0]).toBe(1)
  })

  it('of what does not move is asked for every ten seconds without a stream', async () => {
    const { ids } = await started()
    useLive().state = 'off'
    turnAround()
    await pass(9_900)
    expect(ids()[0]).toBe(1)
    await pass(100)
    expect(ids()[0]).toBe(350)
  })

  it('is not asked for in a hidden tab', async () => {
    const { ids } = await started(BY_CPU)
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    document.dispatchEvent(new Event('visibilitychange'))
    turnAround()
    await pass(60_000)
    expect(ids()[0]).toBe(1)
  })

  it('is shown although each answer takes longer than five seconds', async () => {
    network.isSlow = true
    const { list } = await started(BY_CPU)
    await pass(6_000)
    await answer(0)
    expect(list.isLoaded.value).toBe(true)
  })
})

describe('a changed fleet', () => {
  it('brings what is in view again, and the rest when it is seen', async () => {
    const { see, ids } = await started()
    await see(150, 190)
    network.lists[''] = from(2, 350)
    useFleet().changed()
    await settled()
    expect(ids()).toEqual(from(102, 201))
    await see(0, 40)
    expect(ids()).toEqual(from(2, 201))
  })

  it('is asked for once a second, however often it changes', async () => {
    await started()
    useLive().state = 'on'
    for (let each = 0; each < 20; each += 1) {
      useFleet().changed()
      await pass(100)
    }
    await pass(60_000)
    expect(network.asked).toHaveLength(1 + 3)
  })

  it('leaves no older rows where the user went meanwhile', async () => {
    const { see, ids } = await started()
    await see(150, 190)
    network.lists[''] = from(2, 350)
    network.isSlow = true
    useFleet().changed()
    await settled()
    network.isSlow = false
    await see(0, 40)
    await answer(0)
    expect(ids()).toEqual(from(2, 201))
  })
})

describe('a range', () => {
  it('is fetched where rows are missing, and returned with those held', async () => {
    const { list } = await started()
    const rows = await list.fetchRange(90, 310)
    expect([network.asked, rows.map((row) => row.id)]).toEqual([[0, 1, 2, 3], from(91, 311)])
  })

  it('is whole although the order is asked for meanwhile', async () => {
    const { list } = await started()
    network.isSlow = true
    const range = list.fetchRange(90, 210)
    void list.reload()
    await answer(0, 1)
    await answer(2)
    expect((await range).map((row) => row.id)).toEqual(from(91, 211))
  })
})

describe('an error', () => {
  it('is kept, with the rows, until an answer comes', async () => {
    const { list, ids } = await started()
    network.brokenPages = [0]
    await list.reload()
    expect([list.error.value?.status, ids()]).toEqual([503, from(1, 100)])
    network.brokenPages = []
    await list.reload()
    expect(list.error.value).toBeUndefined()
  })

  it('of the first request leaves the list unknown', async () => {
    network.brokenPages = [0]
    const { list } = await started()
    expect([list.isLoaded.value, list.matching.value, list.error.value?.status]).toEqual([false, undefined, 503])
  })

  it('of one page is not taken back by the answer to the other', async () => {
    const { list, see } = await started()
    await see(80, 120)
    network.isSlow = true
    network.brokenPages = [0]
    void list.reload()
    await answer(0)
    await answer(1)
    expect(list.error.value?.status).toBe(503)
  })

  it('of a query that is gone is dropped', async () => {
    const { query, list } = await started()
    network.isSlow = true
    network.brokenPages = [0]
    query.value = { q: 'a' }
    await settled()
    network.brokenPages = []
    query.value = { q: 'b' }
    await settled()
    await answer(1, 0)
    expect(list.error.value).toBeUndefined()
  })
})

it('a list that nobody shows any more asks no more', async () => {
  await started(BY_CPU)
  component.stop()
  await pass(60_000)
  expect(network.asked).toEqual([0])
})
