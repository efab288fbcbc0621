import type { ComputedRef } from 'vue'
import { computed, shallowRef, watch } from 'vue'
import type { Row } from '@/composables/alertRows'
import { isOver, keyOfRow } from '@/composables/alertRows'

/** Rows that came in by themselves less than this ago were not seen. */
const UNSEEN_MS = 1_000

type Key = ReturnType<typeof keyOfRow>

/** The selected rows of those shown. All means all that the user has seen: rows that have just come in are left out. */
export function useSelection(shown: ComputedRef<Row[]>, now: () => number = () => performance.now()) {
  const keys = shallowRef<ReadonlySet<Key>>(new Set())
  /** When each row came in. Those of the first list are what the user asked for. */
  let since = new Map<Key, number>()
  const choosable = computed(() =>
    shown.value.filter((row) => row.state !== 'pending' && !isOver(row) && row.may_change),
  )
  const chosen = computed(() => choosable.value.filter(has))
  const areAll = computed(() => chosen.value.length > 0 && chosen.value.length === choosable.value.length)

  watch(
    shown,
    (rows) => {
      const at = since.size === 0 ? -UNSEEN_MS : now()
      since = new Map(rows.map(keyOfRow).map((key) => [key, since.get(key) ?? at]))
    },
    { immediate: true },
  )

  function has(row: Row): boolean {
    return keys.value.has(keyOfRow(row))
  }

  function toggle(row: Row): void {
    const next = new Set(keys.value)
    if (!next.delete(keyOfRow(row))) next.add(keyOfRow(row))
    keys.value = next
  }

  function toggleAll(): void {
    const seen = choosable.value.filter((row) => has(row) || now() - (since.get(keyOfRow(row)) ?? 0) >= UNSEEN_MS)
    keys.value = new Set(areAll.value ? [] : seen.map(keyOfRow))
  }

  function clear(): void {
    keys.value = new Set()
  }

  /** Another list begins. */
  function restart(): void {
    clear()
    since.clear()
  }

  return { chosen, areAll, has, toggle, toggleAll, clear, restart }
}
