import { beforeEach, describe, expect, it } from 'vitest'
import { shallowRef } from 'vue'
import type { Server } from '@/api/types'
import { aServer } from '@/testing/aServer'
import { useSelection } from './useSelection'

describe('which servers are chosen', () => {
  const shown = shallowRef<Server[]>([])
  const all = shallowRef<ReadonlyMap<number, Server>>(new Map())
  let selection: ReturnType<typeof useSelection>

  function show(...ids: number[]): void {
    shown.value = ids.flatMap((id) => all.value.get(id) ?? [])
  }
  const chosen = () => [...selection.ids.value].sort()

  beforeEach(() => {
    all.value = new Map([1, 2, 3, 4, 5].map((id) => [id, aServer(id)]))
    show(1, 2, 3, 4, 5)
    selection = useSelection(shown, all)
  })

  it('a click chooses, another takes it back', () => {
    selection.select(2, false)
    selection.select(4, false)
    selection.select(2, false)
    expect(chosen()).toEqual([4])
  })

  it.each([[2, 4], [4, 2]])('with Shift all from %i to %i, both ends with it', (from, to) => {
    selection.select(from, false)
    selection.select(to, true)
    expect(chosen()).toEqual([2, 3, 4])
  })

  it('a range goes by the order shown', () => {
    show(5, 1, 4, 2, 3)
    selection.select(1, false)
    selection.select(2, true)
    expect(chosen()).toEqual([1, 2, 4])
  })

  it('a range that starts at one taken back takes all of them back', () => {
    selection.selectShown()
    selection.select(2, false)
    selection.select(4, true)
    expect(chosen()).toEqual([1, 5])
  })

  it('Shift with nothing touched before, or with that out of sight, chooses one and starts there', () => {
    selection.select(3, true)
    expect(chosen()).toEqual([3])
    show(1, 2, 4, 5)
    selection.select(5, true)
    expect(chosen()).toEqual([3, 5])
    selection.select(2, true)
    expect(chosen()).toEqual([2, 3, 4, 5])
  })

  it('a range to itself changes nothing', () => {
    selection.select(3, false)
    selection.select(3, true)
    expect(chosen()).toEqual([3])
  })

  it('what is chosen stays so under another filter, and is counted', () => {
    selection.select(1, false)
    selection.select(2, false)
    show(2, 3)
    expect([chosen(), selection.hidden.value, selection.isEverythingShown.value]).toEqual([[1, 2], 1, false])
    show(1, 2)
    expect([selection.hidden.value, selection.isEverythingShown.value]).toEqual([0, true])
  })

  it('all shown are chosen, and taken back, without those out of sight', () => {
    selection.select(5, false)
    show(1, 2)
    selection.selectShown()
    expect([chosen(), selection.hidden.value]).toEqual([[1, 2, 5], 1])
    selection.selectShown()
    expect(chosen()).toEqual([5])
  })

  it('of some chosen the rest follows first', () => {
    selection.select(2, false)
    selection.selectShown()
    expect(chosen()).toEqual([1, 2, 3, 4, 5])
  })

  it('where nothing is shown, not everything is chosen', () => {
    show()
    selection.selectShown()
    expect([chosen(), selection.isEverythingShown.value]).toEqual([[], false])
  })

  it('one that is deleted is no longer chosen, nor counted as hidden, nor the start of a range', () => {
    selection.select(2, false)
    selection.select(3, false)
    all.value = new Map([...all.value].filter(([id]) => id !== 3))
    show(1, 2, 4, 5)
    expect([chosen(), selection.hidden.value]).toEqual([[2], 0])
    selection.select(5, true)
    expect(chosen()).toEqual([2, 5])
  })

  it('the servers are as they stand now, in the order in which they were chosen', () => {
    selection.select(3, false)
    selection.select(1, false)
    all.value = new Map(all.value).set(1, aServer(1, { server_name: 'renamed' }))
    expect(selection.servers.value.map((server) => server.server_name)).toEqual(['web-3', 'renamed'])
  })

  it('cleared, it forgets where a range would start', () => {
    selection.select(1, false)
    selection.clear()
    selection.select(3, true)
    expect(chosen()).toEqual([3])
  })
})
