import { computed } from 'vue'
import type { Level } from '@/api/types'
import { useFiring } from '@/stores/firing'
import { useFleet } from '@/stores/fleet'
import type { Host } from './hosts'

/** The live state of a host: newest sample, status, and the level of the alert on a metric. */
export function useHostState(host: () => Host) {
  const fleet = useFleet()
  const firing = useFiring()
  const sample = computed(() => fleet.liveOf(host().server.id))
  const status = computed(() => fleet.statusOf(host().server))
  const levelOf = (metric: string): Level | null => firing.byServer.get(host().server.id)?.find((alert) => alert.metric === metric)?.level ?? null
  return { sample, status, levelOf }
}
