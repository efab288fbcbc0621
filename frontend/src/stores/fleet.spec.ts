import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, watch } from 'vue'
import { ApiError } from '@/api/envelope'
import * as api from '@/api/servers'
import { aServer, aSilence } from '@/testing/aServer'
import { useFleet } from './fleet'

/** Fake network: the servers that exist, and the ids whose rows and names were asked for. */
const network = {
  tags: 0,
  existing: [] as number[],
  prefix: '',
  isAway: false,
  rows: [] as number[][],
  names: [] as number[][],
}

function answer<T>(asked: number[][], ids: number[], make: (id: number) => T): Promise<T[]> {
  asked.push(ids)
  if (network.isAway) return Promise.reject(new ApiError(0, 'unreachable', ''))
  return Promise.resolve(ids.filter((id) => network.existing.includes(id)).map(make))
}

beforeEach(() => {
  vi.spyOn(api, 'listTags').mockImplementation(() =>
    answer([], [(network.tags += 1)], (id) => ({ tag: `t${id}`, servers: 1 })),
  )
  vi.spyOn(api, 'getSome').mockImplementation((ids) => answer(network.rows, ids, (id) => aServer(id)))
  vi.spyOn(api, 'listNames').mockImplementation((ids) =>
    answer(network.names, ids, (id) => ({ id, server_name: `${network.prefix}-${id}` })),
  )
  setActivePinia(createPinia())
  Object.assign(network, { tags: 0, existing: [1, 2, 3], prefix: 'web', isAway: false, rows: [], names: [] })
})

describe('silences', () => {
  it('that begin or end are seen at once, on their server and metric alone', () => {
    const fleet = useFleet()
    fleet.hold([aServer(1), aServer(2)])
    fleet.changeSilences([{ server_id: 1, silenced: [aSilence({ metric: 'cpu' })] }])
    expect([
      fleet.silencesOn(1).length,
      fleet.silencesOn(1, 'cpu').length,
      fleet.silencesOn(1, 'disk').length,
      fleet.silencesOn(2).length,
    ]).toEqual([1, 1, 0, 0])
    fleet.changeSilences([{ server_id: 1, silenced: [] }])
    expect(fleet.silencesOn(1)).toEqual([])
  })

  it('of servers that no list shows are left out', () => {
    const fleet = useFleet()
    fleet.changeSilences([{ server_id: 1, silenced: [aSilence()] }])
    expect([fleet.silencesOn(1), fleet.servers.size]).toEqual([[], 0])
  })

  it('update the components that show them', async () => {
    const fleet = useFleet()
    fleet.hold([aServer(1)])
    const seen: number[] = []
    const scope = effectScope()
    scope.run(() =>
      watch(
        () => fleet.silencesOn(1).length,
        (count) => seen.push(count),
      ),
    )
    fleet.changeSilences([{ server_id: 1, silenced: [aSilence()] }])
    await nextTick()
    scope.stop()
    expect(seen).toEqual([1])
  })
})

describe('rows', () => {
  it('that are needed are fetched unless they are held', async () => {
    const fleet = useFleet()
    fleet.hold([aServer(1)])
    await fleet.need([1, 2])
    await fleet.need([1, 2])
    expect([network.rows, [...fleet.servers.keys()]]).toEqual([[[2]], [1, 2]])
  })

  it('that are fetched again are as they stand now', async () => {
    const fleet = useFleet()
    fleet.hold([aServer(1, { server_name: 'before' })])
    await fleet.fetchRows([1, 2])
    expect([fleet.servers.get(1)?.server_name, fleet.servers.get(2)?.server_name]).toEqual(['web-1', 'web-2'])
  })

  it('stay as they are while the server cannot be reached', async () => {
    const fleet = useFleet()
    fleet.hold([aServer(1)])
    network.isAway = true
    await fleet.fetchRows([1, 2])
    expect([...fleet.servers.keys()]).toEqual([1])
  })

  it('that are put or dropped are changes of the fleet', () => {
    const fleet = useFleet()
    fleet.put(aServer(1))
    expect([fleet.servers.has(1), fleet.changes]).toEqual([true, 1])
    fleet.drop([1])
    expect([fleet.servers.has(1), fleet.changes]).toEqual([false, 2])
  })

  it('that are only fetched are no change', async () => {
    const fleet = useFleet()
    await fleet.fetchRows([1])
    expect(fleet.changes).toBe(0)
  })
})

describe('names', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  const namesOf = (...ids: number[]) => ids.map((id) => useFleet().nameOf(id))
  const fetched = () => vi.advanceTimersByTimeAsync(1_000)

  it('of many servers are fetched at once', async () => {
    expect(namesOf(1, 2, 3, 1)).toEqual([undefined, undefined, undefined, undefined])
    await fetched()
    expect([namesOf(1, 2, 3), network.names]).toEqual([['web-1', 'web-2', 'web-3'], [[1, 2, 3]]])
  })

  it('of more than an address holds are fetched in parts', async () => {
    namesOf(...Array.from({ length: 501 }, (_, id) => id))
    await fetched()
    expect(network.names.map((ids) => ids.length)).toEqual([500, 1])
  })

  it('of held rows are known', async () => {
    useFleet().hold([aServer(1)])
    expect(namesOf(1)).toEqual(['web-1'])
    await fetched()
    expect(network.names).toEqual([])
  })

  it('of deleted servers are asked for again when the fleet has changed', async () => {
    namesOf(9)
    await fetched()
    namesOf(9)
    await fetched()
    expect(network.names).toEqual([[9]])
    useFleet().changed()
    network.existing.push(9)
    namesOf(9)
    await fetched()
    expect(namesOf(9)).toEqual(['web-9'])
  })

  it('of renamed servers are asked for again when the fleet has changed', async () => {
    namesOf(1)
    await fetched()
    network.prefix = 'db'
    useFleet().changed()
    namesOf(1)
    await fetched()
    expect(namesOf(1)).toEqual(['db-1'])
  })

  it('that could not be fetched are asked for again when they are drawn', async () => {
    network.isAway = true
    namesOf(1)
    await fetched()
    expect(network.names).toEqual([[1]])
    network.isAway = false
    namesOf(1)
    await fetched()
    expect(namesOf(1)).toEqual(['web-1'])
  })
})

describe('tags', () => {
  it('are fetched once after each change, whatever shows them', async () => {
    const fleet = useFleet()
    await Promise.all([fleet.loadTags(), fleet.loadTags()])
    expect(fleet.tags).toEqual(['t1'])
    fleet.changed()
    await Promise.all([fleet.loadTags(), fleet.loadTags()])
    expect(fleet.tags).toEqual(['t2'])
  })

  it('are asked for again after an error', async () => {
    const fleet = useFleet()
    network.isAway = true
    await fleet.loadTags()
    network.isAway = false
    await fleet.loadTags()
    expect(fleet.tags).toEqual(['t2'])
  })

  it('of one user are not shown to the next, also if they come late', async () => {
    const fleet = useFleet()
    await fleet.loadTags()
    fleet.changed()
    const late = fleet.loadTags()
    fleet.clear()
    await late
    expect(fleet.tags).toEqual([])
  })
})
