import { useElementSize } from '@vueuse/core'
import type { Ref } from 'vue'
import { computed, shallowRef } from 'vue'

const SPARE_ROWS = 6

/** The rows in view of a long list in a scrolling box, with a few more at both ends, and the height of the others. */
export function useScrolledRows(
  box: Readonly<Ref<HTMLElement | null>>,
  count: () => number,
  rowHeight: number,
  headHeight: number,
) {
  const top = shallowRef(0)
  const { height } = useElementSize(box)
  /** A constant number of rows, so that Vue reuses those that leave at one end. */
  const drawn = computed(() => Math.min(count(), Math.ceil(height.value / rowHeight) + 1 + 2 * SPARE_ROWS))
  const first = computed(() =>
    Math.max(0, Math.min(count() - drawn.value, Math.floor(top.value / rowHeight) - SPARE_ROWS)),
  )
  const last = computed(() => first.value + drawn.value)

  function scrolled(): void {
    top.value = box.value?.scrollTop ?? 0
  }

  function scrollTo(position: number): void {
    if (box.value === null) return
    box.value.scrollTop = position
    scrolled()
  }

  /** Scrolls only as far as needed. */
  function bringIntoView(index: number): void {
    const start = index * rowHeight
    const room = height.value - headHeight
    if (start < top.value) scrollTo(start)
    else if (start + rowHeight > top.value + room) scrollTo(start + rowHeight - room)
  }

  return {
    first,
    last,
    before: computed(() => first.value * rowHeight),
    after: computed(() => (count() - last.value) * rowHeight),
    pageSize: computed(() => Math.max(1, Math.floor((height.value - headHeight) / rowHeight) - 1)),
    scrolled,
    scrollTo,
    bringIntoView,
  }
}
