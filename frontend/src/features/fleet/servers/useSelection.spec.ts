import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EffectScope } from 'vue'
import { effectScope, shallowRef } from 'vue'
import { ApiError } from '@/api/envelope'
import { useSelection } from './useSelection'

type Row = { id: number } | undefined

describe('which servers are chosen', () => {
  /** Fake network: the servers that exist, and those that match. It answers after `pause`. */
  const network = { all: [] as number[], matching: [] as number[], isAway: false, asked: 0, pause: Promise.resolve() }
  const rows = shallowRef<Row[]>([])
  const filter = shallowRef<unknown>()
  const list = {
    rows,
    fetchRange(first: number, last: number) {
      rows.value = rows.value.map((row, at) => (at < first || at > last ? row : { id: network.matching[at]! }))
      return Promise.resolve(network.matching.slice(first, last + 1).map((id) => ({ id })))
    },
  }
  let scope: EffectScope
  let selection: ReturnType<typeof useSelection>

  async function matching(everything: boolean): Promise<number[]> {
    network.asked += 1
    const found = everything ? network.all : network.matching
    await network.pause
    if (network.isAway) throw new ApiError(503, 'unavailable', 'away')
    return found
  }

  /** Another filter, under which these are shown, in this order. */
  async function show(...ids: number[]): Promise<void> {
    network.matching = ids
    rows.value = ids.map((id) => ({ id }))
    filter.value = ids
    await flushPromises()
  }

  /** The fleet has changed: these are left, in this order. */
  async function leave(...ids: number[]): Promise<void> {
    network.all = ids
    network.matching = ids
    rows.value = ids.map((id) => ({ id }))
    await selection.refresh()
  }
  const chosen = () => [...selection.ids.value].sort()

  /** Chooses one after the other. */
  async function select(...ids: number[]): Promise<void> {
    for (const id of ids) await selection.select(id, false)
    await flushPromises()
  }
  const selectTo = (id: number) => selection.select(id, true)

  beforeEach(async () => {
    Object.assign(network, { all: [1, 2, 3, 4, 5], isAway: false, asked: 0, pause: Promise.resolve() })
    await show(1, 2, 3, 4, 5)
    scope = effectScope()
    selection = scope.run(() => useSelection(list, filter, matching))!
  })
  afterEach(() => scope.stop())

  it('a click chooses, another takes it back', async () => {
    await select(2, 4, 2)
    expect(chosen()).toEqual([4])
  })

  it.each([
    [2, 4],
    [4, 2],
  ])('with Shift all from %i to %i, both ends with it', async (from, to) => {
    await select(from)
    await selectTo(to)
    expect(chosen()).toEqual([2, 3, 4])
  })

  it('a range goes by the order shown', async () => {
    await show(5, 1, 4, 2, 3)
    await select(1)
    await selectTo(2)
    expect(chosen()).toEqual([1, 2, 4])
  })

  it('a range has also what was not fetched yet', async () => {
    rows.value = [{ id: 1 }, undefined, undefined, { id: 4 }, undefined]
    await select(1)
    await selectTo(4)
    expect(chosen()).toEqual([1, 2, 3, 4])
  })

  it('a range that starts at one taken back takes all of them back', async () => {
    await selection.selectShown()
    await select(2)
    await selectTo(4)
    expect(chosen()).toEqual([1, 5])
  })

  it('Shift with nothing touched before, or with that out of sight, chooses one and starts there', async () => {
    await selectTo(3)
    expect(chosen()).toEqual([3])
    await show(1, 2, 4, 5)
    await selectTo(5)
    expect(chosen()).toEqual([3, 5])
    await selectTo(2)
    expect(chosen()).toEqual([2, 3, 4, 5])
  })

  it('a range to itself changes nothing', async () => {
    await select(3)
    await selectTo(3)
    expect(chosen()).toEqual([3])
  })

  it('what is chosen stays so under another filter, and is counted', async () => {
    await select(1, 2)
    await show(2, 3)
    expect([chosen(), selection.hidden.value, selection.isEverythingShown.value]).toEqual([[1, 2], 1, false])
    await show(1, 2)
    expect([selection.hidden.value, selection.isEverythingShown.value]).toEqual([0, true])
  })

  it('until it is known what matches, none is said to be hidden', async () => {
    await select(1)
    await show(2)
    expect(selection.hidden.value).toBe(1)
    network.isAway = true
    await show(1)
    expect([selection.hidden.value, selection.isEverythingShown.value]).toEqual([0, false])
  })

  it('all shown are chosen, and taken back, without those out of sight', async () => {
    await select(5)
    await show(1, 2)
    await selection.selectShown()
    expect([chosen(), selection.hidden.value]).toEqual([[1, 2, 5], 1])
    await selection.selectShown()
    expect(chosen()).toEqual([5])
  })

  it('all shown are chosen without having been fetched', async () => {
    rows.value = [{ id: 1 }, undefined, undefined, undefined, undefined]
    await selection.selectShown()
    expect([chosen(), selection.isEverythingShown.value]).toEqual([[1, 2, 3, 4, 5], true])
  })

  it('of some chosen the rest follows first', async () => {
    await select(2)
    await selection.selectShown()
    expect(chosen()).toEqual([1, 2, 3, 4, 5])
  })

  it('where nothing is shown, not everything is chosen', async () => {
    await show()
    await selection.selectShown()
    expect([chosen(), selection.isEverythingShown.value]).toEqual([[], false])
  })

  it('one that is deleted is no longer chosen, nor counted as hidden, nor the start of a range', async () => {
    await select(2, 3)
    await leave(1, 2, 4, 5)
    expect([chosen(), selection.hidden.value]).toEqual([[2], 0])
    await selectTo(5)
    expect(chosen()).toEqual([2, 5])
  })

  it('one that is deleted out of sight is no longer chosen either', async () => {
    await select(1, 2)
    await show(2, 3)
    network.all = [2, 3, 4, 5]
    await selection.refresh()
    expect([chosen(), selection.hidden.value]).toEqual([[2], 0])
  })

  it('cleared, it forgets where a range would start', async () => {
    await select(1)
    selection.clear()
    await selectTo(3)
    expect(chosen()).toEqual([3])
  })

  it('without a choice it needs not know what matches', async () => {
    await show(1, 2)
    await selection.refresh()
    expect(network.asked).toBe(0)
  })

  it('if it is not to be known what matches, the choice stays and it says why, until it is', async () => {
    await select(2)
    network.isAway = true
    await selection.selectShown()
    expect([chosen(), selection.error.value?.status]).toEqual([[2], 503])
    network.isAway = false
    await selection.refresh()
    expect([chosen(), selection.error.value]).toEqual([[2], undefined])
  })

  it('all shown can be tried again while none is chosen', async () => {
    network.isAway = true
    await selection.selectShown()
    network.isAway = false
    await selection.refresh()
    expect(selection.error.value).toBeUndefined()
  })

  it('what matched an older filter is dropped', async () => {
    await select(1)
    let release = () => undefined as void
    network.pause = new Promise((resolve) => (release = resolve))
    const older = selection.selectShown()
    network.pause = Promise.resolve()
    await show(3)
    release()
    await older
    expect(chosen()).toEqual([1])
  })
})
