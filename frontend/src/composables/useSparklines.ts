import type { Ref } from 'vue'
import { shallowRef, watch } from 'vue'
import { serverNow } from '@/api/clock'
import { getRecent } from '@/api/servers'
import { asApiError } from './errors'
import { usePolling } from './usePolling'

const BATCH = 100
const SETTLE_MS = 150
const FRESH_MS = 60_000

/**
 * CPU of the servers in view in the last hour, one value a minute (null: none). Fetched for those only, again every
 * minute. Undefined until a server's values are loaded.
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
      // A server may be deleted, or the connection lost: fetched again in a minute.
      return
    }
    await fetchMissing()
  }

  watch(
    ids,
    () => {
      clearTimeout(timer)
      // Fetches only where scrolling stops.
      timer = setTimeout(() => void fetchMissing(), SETTLE_MS)
    },
    { immediate: true },
  )
  usePolling(fetchMissing, FRESH_MS / 2)

  return (id: number) => lines.value.get(id)
}
