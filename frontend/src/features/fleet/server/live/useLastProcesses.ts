import { computed } from 'vue'
import { getAlert } from '@/api/alerts'
import type { Alert, LiveSample } from '@/api/types'
import { useQuery } from '@/composables/useQuery'

/**
 * The top processes of a server, and *from* when they are while it is offline. The monitoring server holds them in
 * memory only: after its restart those remain that the offline alert keeps.
 */
export function useLastProcesses(sample: () => LiveSample, alerts: () => Alert[]) {
  const isOffline = () => sample().status === 'offline'
  const own = computed(() => sample().processes ?? [])
  const alertId = computed(() =>
    isOffline() && own.value.length === 0 ? alerts().find(({ metric }) => metric === 'offline')?.id : undefined,
  )
  const kept = useQuery(
    async (signal) => (alertId.value ? await getAlert(alertId.value, { signal }) : undefined),
    [alertId],
  )
  const processes = computed(() => (alertId.value ? (kept.data.value?.processes ?? []) : own.value))
  const from = computed(() => {
    if (!isOffline() || processes.value.length === 0) return null
    return alertId.value ? (kept.data.value?.started_at ?? null) : sample().recorded_at
  })
  return { processes, from }
}
