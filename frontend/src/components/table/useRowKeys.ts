import type { Ref } from 'vue'
import { shallowRef } from 'vue'

interface View {
  pageSize: Readonly<Ref<number>>
  bringIntoView(index: number): void
}

interface Acts<Row> {
  isSelectable(): boolean
  select(row: Row, isRange: boolean): void
  selectAll(): void
  open(row: Row): void
}

/** The row that is active, and its keys: arrows, Page, Home, End, Space, Shift+Space, Enter, Ctrl+A. */
export function useRowKeys<Row>(rows: () => (Row | undefined)[], view: View, acts: Acts<Row>) {
  const active = shallowRef(0)
  const MOVES: Record<string, () => number> = {
    ArrowDown: () => active.value + 1,
    ArrowUp: () => active.value - 1,
    PageDown: () => active.value + view.pageSize.value,
    PageUp: () => active.value - view.pageSize.value,
    Home: () => 0,
    End: () => rows().length - 1,
  }

  function moveTo(index: number): void {
    active.value = Math.min(rows().length - 1, Math.max(0, index))
    view.bringIntoView(active.value)
  }

  function choose(isRange: boolean): void {
    const row = rows()[active.value]
    if (row !== undefined && acts.isSelectable()) acts.select(row, isRange)
  }

  function pressed(event: KeyboardEvent): void {
    // Controls in cells handle their own keys.
    if (event.target !== event.currentTarget) return
    const row = rows()[active.value]
    const move = MOVES[event.key]
    if (move !== undefined) {
      moveTo(move())
      if (event.shiftKey) choose(true)
    } else if (event.key === ' ') choose(event.shiftKey)
    else if (event.key === 'Enter' && row !== undefined) acts.open(row)
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey) && acts.isSelectable()) acts.selectAll()
    else return
    event.preventDefault()
  }

  return { active, pressed }
}
