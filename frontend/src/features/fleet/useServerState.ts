import { computed } from 'vue'
import type { Level, OrderedServer } from '@/api/types'
import { useFiring } from '@/stores/firing'
import { useFleet } from '@/stores/fleet'

/** The live state of one server of a list. Only its readers update when it reports. */
export function useServerState(server: () => OrderedServer) {
  const fleet = useFleet()
  const firing = useFiring()
  const live = computed(() => fleet.liveOf(server().id))
  const status = computed(() => fleet.statusOf(server()))
  const silences = computed(() => fleet.silencesOn(server().id))
  const alerts = computed(() => firing.byServer.get(server().id) ?? [])
  /** Of very many firing alerts, not all are held: the row knows their number. */
  const usesRow = computed(() => alerts.value.length === 0 && (firing.isCut || !firing.isLoaded))
  const firingCount = computed(() => (usesRow.value ? server().criticals + server().warnings : alerts.value.length))
  const hasCritical = computed(() =>
    usesRow.value ? server().criticals > 0 : alerts.value.some((alert) => alert.level === 'critical'),
  )
  const worst = computed<Level | null>(() =>
    hasCritical.value ? 'critical' : firingCount.value > 0 ? 'warning' : null,
  )

  function levelOf(metric: string): Level | null {
    return alerts.value.find((alert) => alert.metric === metric)?.level ?? null
  }

  return { live, status, silences, alerts, firingCount, worst, levelOf }
}
