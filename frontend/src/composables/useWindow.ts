import { useElementBounding, useWindowSize } from '@vueuse/core'
import type { Ref } from 'vue'
import { computed } from 'vue'

const SPARE_ROWS = 3

/**
 * The rows in view of a long list that scrolls with the page, with a few more at both ends, and the height of
 * the others above and below. All rows are *rowHeight* pixels high.
 */
export function useWindow(list: Readonly<Ref<HTMLElement | null>>, count: () => number, rowHeight: number) {
  const { top } = useElementBounding(list)
  const { height } = useWindowSize()
  const first = computed(() => Math.min(count(), Math.max(0, Math.floor(-top.value / rowHeight) - SPARE_ROWS)))
  const last = computed(() =>
    Math.max(first.value, Math.min(count(), Math.ceil((height.value - top.value) / rowHeight) + SPARE_ROWS)),
  )
  return {
    first,
    last,
    before: computed(() => first.value * rowHeight),
    after: computed(() => (count() - last.value) * rowHeight),
  }
}
