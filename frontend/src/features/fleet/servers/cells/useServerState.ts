import { computed } from 'vue'
import type { Level, Server } from '@/api/types'
import { useFiring } from '@/stores/firing'
import { useFleet } from '@/stores/fleet'

/** The live state of one server. Only its readers update when it reports. */
export function useServerState(server: () => Server) {
  const fleet = useFleet()
  const firing = useFiring()
  const live = computed(() => fleet.liveOf(server().id))
  const status = computed(() => fleet.statusOf(server()))
  const alerts = computed(() => firing.byServer.get(server().id) ?? [])
  const worst = computed<Level | null>(() =>
    alerts.value.some((alert) => alert.level === 'critical') ? 'critical' : alerts.value.length > 0 ? 'warning' : null,
  )

  function levelOf(metric: string): Level | null {
    return alerts.value.find((alert) => alert.metric === metric)?.level ?? null
  }

  return { live, status, alerts, worst, levelOf }
}
