import { useIntervalFn } from '@vueuse/core'
import type { Ref } from 'vue'
import { shallowRef, watch } from 'vue'
import { serverNow } from '@/api/clock'
import { getRecent } from '@/api/servers'
import { asApiError } from './errors'

const BATCH = 100
const SETTLE_MS = 150
const FRESH_MS = 60_000

/**
 * The last hour of CPU of the servers in view, one value a minute (null: none), fetched for those alone and again every
 * minute. A server that is asked for is undefined until its line is there.
 */
export function useSparklines(ids: Readonly<Ref<number[]>>) {
  const lines = shallowRef(new Map<number, (number | null)[]>())
  const fetchedAt = new Map<number, number>()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function fetchMissing(): Promise<void> {
    const now = serverNow()
    const due = ids.value.filter((id) => now - (fetchedAt.get(id) ?? 0) >= FRESH_MS).slice(0, BATCH)
    if (due.length === 0) return
    for (const id of due) fetchedAt.set(id, now)
    try {
      const { servers } = await getRecent(due, ['cpu'])
      lines.value = new Map([...lines.value, ...servers.map((row) => [row.server_id, row.cpu ?? []] as const)])
    } catch (raw) {
      asApiError(raw)
      // One may have been deleted, or the server is away: asked again in a minute, and a missing line harms nobody.
      return
    }
    await fetchMissing()
  }

  watch(
    ids,
    () => {
      clearTimeout(timer)
      // Somebody scrolls: only where they stop.
      timer = setTimeout(() => void fetchMissing(), SETTLE_MS)
    },
    { immediate: true },
  )
  useIntervalFn(() => void fetchMissing(), FRESH_MS / 2)

  return (id: number) => lines.value.get(id)
}
