import { useThrottleFn } from '@vueuse/core'
import type { Ref } from 'vue'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { ApiError } from '@/api/envelope'
import type { ServerQuery } from '@/api/servers'
import { listOrdered } from '@/api/servers'
import type { OrderedServer } from '@/api/types'
import { useFleet } from '@/stores/fleet'
import { useFollowed, useLive } from '@/stores/live'
import { asApiError } from './errors'
import { usePolling } from './usePolling'

const PAGE = 100
/** Milliseconds between two orders of values that move: rows must not move while the user points at them. */
const REORDER_MS = 5_000
/** As long as no stream brings the values. */
const POLL_MS = 10_000
const CHANGES_MS = 1_000
/** Orders in which rows stay where they are until the fleet changes. */
const STILL = ['name', 'address', 'port', 'tags', 'users', 'created']

/**
 * Servers that match, in order, of any number: only the pages in view are fetched. `rows` has the length of the whole
 * list; those not fetched are undefined.
 */
export function useOrderedList(query: Readonly<Ref<ServerQuery>>) {
  const fleet = useFleet()
  const live = useLive()
  const pages = shallowRef(new Map<number, OrderedServer[]>())
  const matching = shallowRef<number>()
  const error = shallowRef<ApiError>()
  const inView = shallowRef([0])
  /** Pages on their way. */
  const coming = new Map<number, Promise<void>>()
  let asking = new AbortController()

  const rows = computed(() => {
    const all = new Array<OrderedServer | undefined>(matching.value ?? 0).fill(undefined)
    for (const [page, held] of pages.value)
      held.forEach((row, at) => page * PAGE + at < all.length && (all[page * PAGE + at] = row))
    return all
  })

  function ask(page: number, signal: AbortSignal): Promise<void> {
    const running = coming.get(page)
    if (running !== undefined) return running
    const answer = fetchPage(page, signal).finally(() => {
      if (coming.get(page) === answer) coming.delete(page)
    })
    coming.set(page, answer)
    return answer
  }

  const asked = (page: number, signal?: AbortSignal) =>
    listOrdered({ query: { ...query.value, offset: page * PAGE, limit: PAGE }, signal })

  async function fetchPage(page: number, signal: AbortSignal): Promise<void> {
    const found = await asked(page, signal)
    if (signal.aborted) return
    fleet.holdOrdered(found.servers)
    matching.value = found.matching
    pages.value = new Map(pages.value).set(page, found.servers)
  }

  async function askAll(wanted: number[]): Promise<void> {
    if (wanted.length === 0) return
    const { signal } = asking
    try {
      await Promise.all(wanted.map((page) => ask(page, signal)))
      if (!signal.aborted) error.value = undefined
    } catch (raw) {
      if (!signal.aborted) error.value = asApiError(raw)
    }
  }

  /** Fetches what is in view again. The rest is fetched when it comes into view. */
  async function reload(): Promise<void> {
    asking.abort()
    asking = new AbortController()
    coming.clear()
    const { signal } = asking
    const older = new Map(pages.value)
    await askAll(inView.value)
    if (signal.aborted) return
    if (error.value === undefined)
      pages.value = new Map([...pages.value].filter(([page, held]) => held !== older.get(page)))
    void askAll(inView.value.filter((page) => !pages.value.has(page)))
  }

  /** Says that the rows from *first* to before *last* are drawn. */
  function see(first: number, last: number): void {
    inView.value = pagesOf(first, Math.max(first, last - 1))
    void askAll(inView.value.filter((page) => !pages.value.has(page)))
  }

  /** Fetches all rows from *first* to *last*, such as those of a range to select. Raises what went wrong. */
  async function fetchRange(first: number, last: number): Promise<OrderedServer[]> {
    const held = pages.value
    const wanted = pagesOf(first, last)
    const found: OrderedServer[] = []
    for (const page of wanted) found.push(...(held.get(page) ?? (await asked(page)).servers))
    return found.slice(first % PAGE, last - (first - (first % PAGE)) + 1)
  }

  const moves = computed(() => {
    const { sort = 'name', status, alerts, silenced } = query.value
    return !STILL.includes(sort?.replace('-', '') ?? 'name') || Boolean(status || alerts || silenced)
  })
  /** Waits for what is on its way: slow answers would never arrive. */
  async function reloadNext(): Promise<void> {
    await Promise.allSettled(coming.values())
    await reload()
  }
  const reloadSoon = useThrottleFn(() => void reloadNext(), CHANGES_MS, true)
  let restedMs = 0

  watch(
    query,
    () => {
      inView.value = [0]
      pages.value = new Map([...pages.value].filter(([page]) => page === 0)) // Shown until the answer is there.
      void reload()
    },
    { immediate: true },
  )
  watch(
    () => fleet.changes,
    () => void reloadSoon(),
  )
  usePolling(() => {
    restedMs += REORDER_MS
    const isDue = moves.value || (live.state !== 'on' && restedMs >= POLL_MS)
    if (!isDue || coming.size > 0) return
    restedMs = 0
    void reload()
  }, REORDER_MS)
  useFollowed(() =>
    [...pages.value].filter(([page]) => inView.value.includes(page)).flatMap(([, held]) => held.map((row) => row.id)),
  )
  onScopeDispose(() => asking.abort())

  return { rows, matching, error, isLoaded: computed(() => matching.value !== undefined), reload, see, fetchRange }
}

function pagesOf(first: number, last: number): number[] {
  const [start, end] = [Math.floor(first / PAGE), Math.floor(last / PAGE)]
  return Array.from({ length: end - start + 1 }, (_, at) => start + at)
}
