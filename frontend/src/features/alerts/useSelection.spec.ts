import { computed, effectScope, nextTick, shallowRef } from 'vue'
import { describe, expect, it } from 'vitest'
import type { Alert } from '@/api/types'
import { useSelection } from './useSelection'

const alert = (id: number) => ({ id, state: 'firing', may_change: true }) as Alert
const alerts = (count: number) => Array.from({ length: count }, (_, at) => alert(at + 1))

function opened(count: number) {
  const clock = { ms: 10_000 }
  const list = shallowRef(alerts(count))
  const selection = effectScope().run(() =>
    useSelection(
      computed(() => list.value),
      () => clock.ms,
    ),
  )!
  return { clock, list, selection }
}

describe('all of a list', () => {
  it('is what the first list has', () => {
    const { selection } = opened(18)
    selection.toggleAll()
    expect([selection.chosen.value.length, selection.areAll.value]).toEqual([18, true])
  })

  it('leaves out rows that came in under the click, until they have been there to be seen', async () => {
    const { clock, list, selection } = opened(18)
    list.value = alerts(100)
    await nextTick()
    clock.ms += 200
    selection.toggleAll()
    expect([selection.chosen.value.length, selection.areAll.value]).toEqual([18, false])
    clock.ms += 2_000
    selection.toggleAll()
    expect([selection.chosen.value.length, selection.areAll.value]).toEqual([100, true])
  })

  it('keeps what was chosen one by one, and is none if all were', () => {
    const { selection } = opened(3)
    selection.toggle(alert(2))
    selection.toggleAll()
    expect(selection.chosen.value.map(({ id }) => id)).toEqual([1, 2, 3])
    selection.toggleAll()
    expect(selection.chosen.value).toEqual([])
  })

  it('is all of another list that the user asked for', async () => {
    const { list, selection } = opened(2)
    selection.restart()
    list.value = [alert(7), alert(8)]
    await nextTick()
    selection.toggleAll()
    expect(selection.chosen.value.map(({ id }) => id)).toEqual([7, 8])
  })
})
