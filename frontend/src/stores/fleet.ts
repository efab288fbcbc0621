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
 * Every server the caller may see, and the newest sample of each. Ten thousand of them move every second, so nothing
 * inside is deeply reactive: `tick` counts what came in, and who shows a live value reads it through `liveOf`.
 */
export const useFleet = defineStore('fleet', () => {
  const servers = shallowRef(new Map<number, Server>())
  const isLoaded = shallowRef(false)
  const error = shallowRef<ApiError>()
  const tick = shallowRef(0)
  /** For who decides by themselves when to look again; an action in between would double a look at ten thousand. */
  const live = markRaw(new Map<number, LiveSample>())
  let loading: Promise<void> | null = null
  /** While rows are fetched they may come as they were before. */
  let toldMeanwhile: SilencedChange[] = []

  const list = computed(() => [...servers.value.values()])
  const tags = computed(() => [...new Set(list.value.flatMap((server) => server.tags))].sort())

  async function fetchAll(): Promise<void> {
    toldMeanwhile = []
    try {
      servers.value = new Map((await api.listServers()).map((server) => [server.id, server]))
      changeSilences(toldMeanwhile)
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

  /** What may be seen changed: fetch the rows unless we hold just these. */
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

  /** What silences some servers is another now. */
  function changeSilences(changes: SilencedChange[]): void {
    if (loading !== null) toldMeanwhile.push(...changes)
    for (const { server_id, silenced } of changes) {
      const known = servers.value.get(server_id)
      if (known !== undefined) servers.value.set(server_id, { ...known, silenced })
    }
    triggerRef(servers)
  }

  /** The silences that act on a server, or on one *metric* of it. */
  function silencesOn(id: number, metric?: string): Silenced[] {
    const acting = servers.value.get(id)?.silenced ?? []
    return metric === undefined ? acting : actingOn(acting, metric)
  }

  function liveOf(id: number): LiveSample | undefined {
    void tick.value
    return live.get(id)
  }

  /** The stream knows it sooner than the row that was fetched, and of all that have reported. */
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
