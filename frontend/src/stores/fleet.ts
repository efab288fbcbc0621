import { defineStore } from 'pinia'
import { computed, markRaw, shallowRef, triggerRef } from 'vue'
import type { ApiError } from '@/api/envelope'
import * as api from '@/api/servers'
import type { LiveSample, Server, ShownStatus, Silenced, SilencedChange, StatusChange } from '@/api/types'
import { actingOn } from '@/components/silence/acting'
import { asApiError } from '@/composables/errors'

export function shownStatus(server: Server, live: LiveSample | undefined, isKnown: boolean): ShownStatus {
  if (live === undefined) return isKnown && server.status === 'offline' ? 'never' : server.status
  return live.last_report_at === null ? 'never' : live.status
}

/**
 * Every server the user may see, and the newest sample of each. Ten thousand of them change every second, so nothing
 * inside is deeply reactive: `tick` counts the updates, and components read live values through `liveOf`.
 */
export const useFleet = defineStore('fleet', () => {
  const servers = shallowRef(new Map<number, Server>())
  const isLoaded = shallowRef(false)
  const error = shallowRef<ApiError>()
  const tick = shallowRef(0)
  /** Not reactive, for lists that choose themselves when to sort ten thousand servers again. */
  const live = markRaw(new Map<number, LiveSample>())
  let loading: Promise<void> | null = null
  /** Rows that are being fetched may be older than these changes. */
  let changedSilences: SilencedChange[] = []

  const list = computed(() => [...servers.value.values()])
  const tags = computed(() => [...new Set(list.value.flatMap((server) => server.tags))].sort())

  async function fetchAll(): Promise<void> {
    changedSilences = []
    try {
      servers.value = new Map((await api.listServers()).map((server) => [server.id, server]))
      changeSilences(changedSilences)
      error.value = undefined
      isLoaded.value = true
    } catch (raw) {
      error.value = asApiError(raw)
    }
  }

  function load(): Promise<void> {
    loading ??= fetchAll().finally(() => (loading = null))
    return loading
  }

  /** The visible servers changed: fetches the rows, unless they are exactly those already held. */
  function seen(ids: number[]): void {
    const visible = new Set(ids)
    for (const id of live.keys()) if (!visible.has(id)) live.delete(id)
    void load()
  }

  function take(samples: LiveSample[]): void {
    for (const sample of samples) live.set(sample.server_id, sample)
    tick.value += 1
  }

  function changeStatus(changes: StatusChange[]): void {
    for (const { server_id, status } of changes) {
      const known = live.get(server_id)
      if (known !== undefined) live.set(server_id, { ...known, status })
    }
    tick.value += 1
  }

  /** The active silences of some servers changed. */
  function changeSilences(changes: SilencedChange[]): void {
    if (loading !== null) changedSilences.push(...changes)
    for (const { server_id, silenced } of changes) {
      const known = servers.value.get(server_id)
      if (known !== undefined) servers.value.set(server_id, { ...known, silenced })
    }
    triggerRef(servers)
  }

  /** The active silences of a server, or of one *metric* of it. */
  function silencesOn(id: number, metric?: string): Silenced[] {
    const acting = servers.value.get(id)?.silenced ?? []
    return metric === undefined ? acting : actingOn(acting, metric)
  }

  function liveOf(id: number): LiveSample | undefined {
    void tick.value
    return live.get(id)
  }

  /** From the stream, which is newer than the fetched row. */
  function statusOf(server: Server): ShownStatus {
    return shownStatus(server, liveOf(server.id), tick.value > 0)
  }

  function put(server: Server): void {
    servers.value.set(server.id, server)
    triggerRef(servers)
  }

  function drop(ids: number[]): void {
    for (const id of ids) servers.value.delete(id)
    triggerRef(servers)
  }

  function nameOf(id: number): string | undefined {
    return servers.value.get(id)?.server_name
  }

  function clear(): void {
    servers.value = new Map()
    live.clear()
    isLoaded.value = false
    error.value = undefined
  }

  return { servers, list, tags, isLoaded, error, tick, live, load, seen, take, changeStatus, changeSilences, silencesOn, liveOf, statusOf, put, drop, nameOf, clear }
})
