import { computed } from 'vue'
import type { Incident } from '@/api/incidents'
import { listIncidents } from '@/api/incidents'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'
import { useFleet } from '@/stores/fleet'

const MANY = 5
const SHARE = 0.1
const MOST = 100

/** Whether so much of a fleet of *total* servers is affected that one row says more than one for each alert. */
export function isOutage({ server_count }: Pick<Incident, 'server_count'>, total: number): boolean {
  return server_count >= MANY || (server_count > 1 && server_count >= SHARE * total)
}

/** The mass outages that last, and the firing alerts that belong to none. */
export function useOutages() {
  const firing = useFiring()
  const fleet = useFleet()
  const open = useQuery(
    async (signal) =>
      firing.alerts.length > 1 ? (await listIncidents({ query: { state: 'open', limit: MOST }, signal })).items : [],
    [() => firing.alerts],
  )
  const outages = computed(() =>
    (open.data.value ?? []).filter((each) => isOutage(each, fleet.counts?.total_servers ?? Infinity)),
  )
  const rest = computed(() => {
    const ids = new Set(outages.value.map(({ id }) => id))
    return firing.alerts.filter(({ incident_id: id }) => id === null || id === undefined || !ids.has(id))
  })
  return { outages, rest, isKnown: computed(() => open.data.value !== undefined || open.error.value !== undefined) }
}
