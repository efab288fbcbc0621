import { computed, shallowRef } from 'vue'
import type { ApiError } from '@/api/envelope'
import type { ServerQuery } from '@/api/servers'
import { listOrdered } from '@/api/servers'
import { asApiError } from '@/composables/errors'
import { usePolling } from '@/composables/usePolling'
import { useFiring } from '@/stores/firing'
import { useFleet } from '@/stores/fleet'
import { useLive } from '@/stores/live'

const POLL_MS = 15_000

/** Figures of all servers that the user may see. The stream sends them; without it they are asked for. */
export function useFleetCounts() {
  const fleet = useFleet()
  const firing = useFiring()
  const live = useLive()
  const error = shallowRef<ApiError>()

  async function ask(): Promise<void> {
    const count = async (query: ServerQuery) => (await listOrdered({ query: { ...query, limit: 1 } })).matching
    try {
      const [total, online, never, silenced] = await Promise.all([
        count({}),
        count({ status: 'online' }),
        count({ status: 'never' }),
        count({ silenced: 'yes' }),
      ])
      error.value = undefined
      // A stream that has begun meanwhile is newer.
      if (live.state === 'on' && fleet.counts !== undefined) return
      fleet.counts = {
        total_servers: total,
        online_servers: online,
        never_reported: never,
        offline_servers: total - online,
        silenced_servers: silenced,
        alert_count: firing.alerts.length,
      }
    } catch (raw) {
      error.value = asApiError(raw)
    }
  }

  // At once: before what the page asks for besides.
  if (fleet.counts === undefined) void ask()
  usePolling(() => live.state === 'on' || live.state === 'paused' || ask(), POLL_MS)
  return { counts: computed(() => fleet.counts), error, ask }
}
