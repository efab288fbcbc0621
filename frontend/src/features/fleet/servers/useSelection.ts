import type { Ref } from 'vue'
import { computed, shallowRef } from 'vue'
import type { Server } from '@/api/types'

/**
 * The selected servers. *shown*: servers that match the filter, in order; *all*: all servers. The selection survives
 * a change of filter (`hidden` counts those not shown). Deleted servers leave it.
 */
export function useSelection(shown: Readonly<Ref<Server[]>>, all: Readonly<Ref<ReadonlyMap<number, Server>>>) {
  const chosen = shallowRef<ReadonlySet<number>>(new Set())
  let anchor: number | null = null

  const servers = computed(() => [...chosen.value].flatMap((id) => all.value.get(id) ?? []))
  const ids = computed<ReadonlySet<number>>(() => new Set(servers.value.map((server) => server.id)))
  const hidden = computed(() => ids.value.size - shown.value.filter((server) => ids.value.has(server.id)).length)
  const isEverythingShown = computed(() => shown.value.length > 0 && shown.value.every((server) => ids.value.has(server.id)))

  /** Toggles one server, or sets the range from the last one to it. */
  function select(id: number, isRange: boolean): void {
    const next = new Set(ids.value)
    const range = isRange ? between(anchor, id) : []
    if (range.length > 0) {
      const isAdding = anchor !== null && next.has(anchor)
      for (const each of range) if (isAdding) next.add(each)
      else next.delete(each)
    } else {
      if (!next.delete(id)) next.add(id)
      anchor = id
    }
    chosen.value = next
  }

  function between(from: number | null, to: number): number[] {
    const start = shown.value.findIndex((server) => server.id === from)
    const end = shown.value.findIndex((server) => server.id === to)
    if (start < 0 || end < 0) return []
    return shown.value.slice(Math.min(start, end), Math.max(start, end) + 1).map((server) => server.id)
  }

  /** Selects all that match the filter, or none if all are selected. */
  function selectShown(): void {
    const next = new Set(ids.value)
    const wasEverything = isEverythingShown.value
    for (const { id } of shown.value) if (wasEverything) next.delete(id)
    else next.add(id)
    chosen.value = next
  }

  function clear(): void {
    chosen.value = new Set()
    anchor = null
  }

  return { ids, servers, hidden, isEverythingShown, select, selectShown, clear }
}
