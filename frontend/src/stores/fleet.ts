import { defineStore } from 'pinia'
import { markRaw, shallowRef, triggerRef } from 'vue'
import * as api from '@/api/servers'
import type {
  BriefSample,
  FleetCounts,
  OrderedServer,
  Server,
  ShownStatus,
  Silenced,
  SilencedChange,
  StatusChange,
} from '@/api/types'
import { actingOn } from '@/components/silence/acting'
import { asApiError } from '@/composables/errors'

const AT_ONCE = 500
const SETTLE_MS = 50

export function shownStatus(server: Server, live: BriefSample | undefined): ShownStatus {
  if (live === undefined) return server.status
  return live.last_report_at === null ? 'never' : live.status
}

/** Whether the stream sent it after the list was made. */
function isNewer(known: BriefSample | undefined, given: BriefSample): boolean {
  return (known?.last_report_at ?? '') > (given.last_report_at ?? '')
}

/**
 * The servers that the open page shows, the newest sample of each, and figures of all that the user may see. Hundreds
 * change every second, so nothing inside is deeply reactive: `tick` counts the updates, and components read live
 * values through `liveOf`.
 */
export const useFleet = defineStore('fleet', () => {
  const servers = shallowRef(new Map<number, Server>())
  const names = shallowRef(new Map<number, string>())
  const tags = shallowRef<string[]>([])
  const counts = shallowRef<FleetCounts>()
  const tick = shallowRef(0)
  /** Counts changes of the fleet, so that lists know when to reload. */
  const changes = shallowRef(0)
  const live = markRaw(new Map<number, BriefSample>())
  /** Servers whose names are to be fetched, and those asked for since the fleet changed. */
  const wanted = new Set<number>()
  const asked = new Set<number>()
  /** Whose answers are still welcome: no other user's. */
  let session = 0
  /** The change as of which the tags were asked for. */
  let tagsAsOf = -1
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Adds rows that were fetched. */
  function hold(rows: Server[]): void {
    for (const row of rows) servers.value.set(row.id, row)
    triggerRef(servers)
  }

  /** Adds rows of a list, with their newest samples. */
  function holdOrdered(rows: OrderedServer[]): void {
    for (const row of rows) if (!isNewer(live.get(row.id), row.live)) live.set(row.id, row.live)
    hold(rows)
    tick.value += 1
  }

  /** Fetches these rows. Errors are shown elsewhere. */
  async function fetchRows(ids: number[]): Promise<void> {
    const mine = session
    try {
      const rows = await api.getSome(ids)
      if (mine === session) hold(rows)
    } catch (raw) {
      asApiError(raw)
    }
  }

  /** Fetches those that are not held. */
  async function need(ids: number[]): Promise<void> {
    const missing = ids.filter((id) => !servers.value.has(id))
    if (missing.length > 0) await fetchRows(missing)
  }

  /** The user changed servers, or somebody else did. */
  function changed(): void {
    asked.clear()
    changes.value += 1
  }

  function take(samples: BriefSample[]): void {
    for (const sample of samples) live.set(sample.server_id, sample)
    tick.value += 1
  }

  function changeStatus(given: StatusChange[]): void {
    for (const { server_id, status } of given) {
      const known = live.get(server_id)
      if (known !== undefined) live.set(server_id, { ...known, status })
    }
    tick.value += 1
  }

  /** The active silences of some servers changed. */
  function changeSilences(given: SilencedChange[]): void {
    for (const { server_id, silenced } of given) {
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

  function liveOf(id: number): BriefSample | undefined {
    void tick.value
    return live.get(id)
  }

  /** From the stream, which is newer than the fetched row. */
  function statusOf(server: Server): ShownStatus {
    return shownStatus(server, liveOf(server.id))
  }

  function put(server: Server): void {
    hold([server])
    changed()
  }

  function drop(ids: number[]): void {
    for (const id of ids) servers.value.delete(id)
    triggerRef(servers)
    changed()
  }

  /** Also of a check or check-in, which are numbered like servers. Undefined until it is fetched, and if it is gone. */
  function nameOf(id: number): string | undefined {
    void changes.value
    const held = servers.value.get(id)
    if (held === undefined && !asked.has(id)) {
      asked.add(id)
      wanted.add(id)
      timer ??= setTimeout(() => void fetchNames(), SETTLE_MS)
    }
    return held?.server_name ?? names.value.get(id)
  }

  function named(id: number, name: string): void {
    names.value = new Map(names.value).set(id, name)
  }

  async function fetchNames(): Promise<void> {
    const mine = session
    const ids = [...wanted].slice(0, AT_ONCE)
    for (const id of ids) wanted.delete(id)
    try {
      const found = new Map((await api.listNames(ids)).map((row) => [row.id, row.server_name]))
      if (mine !== session) return
      names.value = new Map([...[...names.value].filter(([id]) => !ids.includes(id)), ...found])
    } catch (raw) {
      asApiError(raw)
      for (const id of ids) asked.delete(id) // Asked for again when something is drawn.
    }
    timer = wanted.size > 0 ? setTimeout(() => void fetchNames(), SETTLE_MS) : undefined
  }

  /** Fetches the tags of all servers that the user may see, once after each change. */
  async function loadTags(): Promise<void> {
    if (tagsAsOf === changes.value) return
    const mine = session
    tagsAsOf = changes.value
    try {
      const found = await api.listTags()
      if (mine === session) tags.value = found.map(({ tag }) => tag)
    } catch (raw) {
      asApiError(raw)
      if (mine === session) tagsAsOf = -1 // Asked for again when something needs them.
    }
  }

  function clear(): void {
    session += 1
    tags.value = []
    tagsAsOf = -1
    clearTimeout(timer)
    timer = undefined
    servers.value = new Map()
    names.value = new Map()
    counts.value = undefined
    live.clear()
    wanted.clear()
    asked.clear()
  }

  return {
    servers,
    tags,
    counts,
    tick,
    changes,
    live,
    hold,
    holdOrdered,
    fetchRows,
    need,
    changed,
    take,
    changeStatus,
    changeSilences,
    silencesOn,
    liveOf,
    statusOf,
    put,
    drop,
    nameOf,
    named,
    loadTags,
    clear,
  }
})
