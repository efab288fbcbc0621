import type { ComputedRef } from 'vue'
import { computed, shallowRef, watch } from 'vue'
import type { Alert } from '@/api/types'

/** Rows that came in by themselves less than this ago were not seen. */
const UNSEEN_MS = 1_000

/** The selected alerts of those shown. All means all that the user has seen: rows that have just come in are left out. */
export function useSelection(shown: ComputedRef<Alert[]>, now: () => number = () => performance.now()) {
  const ids = shallowRef<ReadonlySet<number>>(new Set())
  /** When each alert came in. Those of the first list are what the user asked for. */
  let since = new Map<number, number>()
  const choosable = computed(() => shown.value.filter((alert) => alert.state === 'firing' && alert.may_change))
  const chosen = computed(() => choosable.value.filter(has))
  const areAll = computed(() => chosen.value.length > 0 && chosen.value.length === choosable.value.length)

  watch(
    shown,
    (alerts) => {
      const at = since.size === 0 ? -UNSEEN_MS : now()
      since = new Map(alerts.flatMap(({ id }) => (id === null ? [] : [[id, since.get(id) ?? at]])))
    },
    { immediate: true },
  )

  function has(alert: Alert): boolean {
    return alert.id !== null && ids.value.has(alert.id)
  }

  function toggle(alert: Alert): void {
    if (alert.id === null) return
    const next = new Set(ids.value)
    if (!next.delete(alert.id)) next.add(alert.id)
    ids.value = next
  }

  function toggleAll(): void {
    const seen = choosable.value.filter(
      (alert) => has(alert) || now() - (since.get(alert.id as number) ?? 0) >= UNSEEN_MS,
    )
    ids.value = new Set(areAll.value ? [] : seen.map((alert) => alert.id as number))
  }

  function clear(): void {
    ids.value = new Set()
  }

  /** Another list begins. */
  function restart(): void {
    clear()
    since.clear()
  }

  return { chosen, areAll, has, toggle, toggleAll, clear, restart }
}
