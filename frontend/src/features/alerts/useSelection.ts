import type { ComputedRef } from 'vue'
import { computed, shallowRef } from 'vue'
import type { Alert } from '@/api/types'

/** The selected alerts of those shown. */
export function useSelection(shown: ComputedRef<Alert[]>) {
  const ids = shallowRef<ReadonlySet<number>>(new Set())
  const choosable = computed(() => shown.value.filter((alert) => alert.state === 'firing' && alert.may_change))
  const chosen = computed(() => choosable.value.filter((alert) => alert.id !== null && ids.value.has(alert.id)))
  const areAll = computed(() => chosen.value.length > 0 && chosen.value.length === choosable.value.length)

  function toggle(alert: Alert): void {
    if (alert.id === null) return
    const next = new Set(ids.value)
    if (!next.delete(alert.id)) next.add(alert.id)
    ids.value = next
  }

  function toggleAll(): void {
    ids.value = new Set(areAll.value ? [] : choosable.value.map((alert) => alert.id as number))
  }

  function clear(): void {
    ids.value = new Set()
  }

  const has = (alert: Alert) => alert.id !== null && ids.value.has(alert.id)
  return { chosen, areAll, has, toggle, toggleAll, clear }
}
