import { expect, it } from 'vitest'
import { shallowRef } from 'vue'
import { useRowKeys } from './useRowKeys'

const ROWS = ['a', 'b', 'c', undefined, 'e', 'f']

function table(isSelectable = true) {
  const done: unknown[] = []
  const view = { pageSize: shallowRef(2), bringIntoView: (index: number) => done.push(index) }
  const { active, pressed } = useRowKeys(() => ROWS, view, {
    isSelectable: () => isSelectable,
    select: (row, isRange) => done.push([row, isRange]),
    selectAll: () => done.push('all'),
    open: (row) => done.push(`open ${row}`),
  })
  function press(key: string, held: KeyboardEventInit = {}): boolean {
    const event = new KeyboardEvent('keydown', { key, cancelable: true, ...held })
    pressed(event)
    return event.defaultPrevented
  }
  return { active, press, done }
}

it('moves, and stays within the rows', () => {
  const { active, press } = table()
  const at = (key: string) => (press(key), active.value)
  expect(['ArrowUp', 'ArrowDown', 'PageDown', 'End', 'ArrowDown', 'PageUp', 'Home'].map(at)).toEqual([
    0, 1, 3, 5, 5, 3, 0,
  ])
})

it('selects, opens, and leaves other keys to the browser', () => {
  const { press, done } = table()
  const held = { shiftKey: true }
  expect([press(' '), press('ArrowDown', held), press('Enter'), press('a', { ctrlKey: true })]).not.toContain(false)
  expect(done).toEqual([['a', false], 1, ['b', true], 'open b', 'all'])
  expect([press('a'), press('x')]).toEqual([false, false])
})

it('selects nothing where nothing can be selected, and no row that is not fetched', () => {
  const { press, done } = table(false)
  expect([press(' '), press('a', { ctrlKey: true })]).toEqual([true, false])
  expect(done).toEqual([])
  const other = table()
  for (const key of ['PageDown', 'ArrowDown', ' ', 'Enter']) other.press(key)
  expect(other.done).toEqual([2, 3])
})
