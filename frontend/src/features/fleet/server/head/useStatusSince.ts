import type { Ref } from 'vue'
import { computed } from 'vue'
import { listAlerts } from '@/api/alerts'
import type { Status } from '@/api/types'
import { useQuery } from '@/composables/useQuery'

/** The number of alerts to look through, for servers that cannot filter by metric. */
const NEWEST = 20

/**
 * Since when a server has its status: offline since its last report, online since the end of its last outage. Null if
 * unknown.
 */
export function useStatusSince(
  id: number,
  status: Ref<Status>,
  lastReport: Ref<string | null | undefined>,
  ask: typeof listAlerts = listAlerts,
) {
  const query = useQuery(
    async (signal) => {
      const { items } = await ask({
        query: { server_id: id, metric: 'offline', state: 'resolved', limit: NEWEST },
        signal,
      })
      return items.find(({ metric }) => metric === 'offline')?.resolved_at ?? null
    },
    [status],
  )
  return computed(() => (status.value === 'offline' ? (lastReport.value ?? null) : (query.data.value ?? null)))
}
