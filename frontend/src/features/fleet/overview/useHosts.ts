import { refThrottled } from '@vueuse/core'
import { computed, type Ref, toRef } from 'vue'
import { useFiring } from '@/stores/firing'
import { shownStatus, useFleet } from '@/stores/fleet'
import type { Sort } from './hosts'
import { type Host, sorted, worstLevel } from './hosts'

const RESORT_MS = 3_000

/** All servers in order. The order changes only every few seconds, because moving rows are hard to read. */
export function useHosts(sort: Ref<Sort>) {
  const fleet = useFleet()
  const firing = useFiring()
  const slowTick = refThrottled(toRef(fleet, 'tick'), RESORT_MS)

  const hosts = computed<Host[]>(() => {
    void slowTick.value
    return sorted(
      fleet.list.map((server) => {
        const live = fleet.live.get(server.id)
        return { server, live, status: shownStatus(server, live, fleet.tick > 0), worst: worstLevel(firing.byServer.get(server.id)) }
      }),
      sort.value,
    )
  })
  const online = computed(() => hosts.value.filter((host) => host.status === 'online').length)
  const offline = computed(() =>
    hosts.value
      .filter((host) => host.status === 'offline')
      // Newest first.
      .sort((one, other) => (other.live?.last_report_at ?? '').localeCompare(one.live?.last_report_at ?? '')),
  )
  const never = computed(() => hosts.value.filter((host) => host.status === 'never').length)
  const silenced = computed(() => fleet.list.filter((server) => server.silenced.length > 0).length)
  return { hosts, online, never, offline, silenced }
}
