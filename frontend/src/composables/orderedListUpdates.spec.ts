import { describe, expect, it, vi } from 'vitest'
import type { ServerQuery } from '@/api/servers'
import { useFleet } from '@/stores/fleet'
import { useLive } from '@/stores/live'
import { answer, BY_CPU, orderedList, pass, settled } from '@/testing/orderedList'
import { from, network } from '@/testing/orderedServers'

const { started, stop } = orderedList()

describe('the order', () => {
  /** Who was last has become first. */
  const turnAround = () => network.lists['']!.reverse()

  it.each([
    BY_CPU,
    { sort: 'name', status: 'offline' },
    { sort: 'name', alerts: 'any' },
    { sort: 'name', silenced: 'yes' },
  ] as ServerQuery[])('of %o is asked for every five seconds', async (query) => {
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
  stop()
  await pass(60_000)
  expect(network.asked).toEqual([0])
})
