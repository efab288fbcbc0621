import type { Level } from '@/api/types'
import { useFiring } from '@/stores/firing'

/** The level of what fires on one metric of a server, for the colour of its bar. */
export function useLevels(serverId: () => number) {
  const firing = useFiring()
  return (metric: string): Level | null =>
    firing.byServer.get(serverId())?.find((alert) => alert.metric === metric)?.level ?? null
}
