import { refThrottled } from '@vueuse/core'
import { storeToRefs } from 'pinia'
import type { Ref } from 'vue'
import { computed, shallowRef, watch } from 'vue'
import type { Server } from '@/api/types'
import { useFiring } from '@/stores/firing'
import { useFleet } from '@/stores/fleet'
import { byName, fixedFacts, movingFacts } from './facts'
import type { Filter } from './matching'
import { matcher } from './matching'
import { sorted } from './sorting'

/** Milliseconds between changes of the order: rows must not move while the user points at them. */
const REORDER_MS = 5_000

/** The servers that match the filter, in order. */
export function useServerList(filter: Readonly<Ref<Filter>>, sort: Readonly<Ref<string>>) {
  const fleet = useFleet()
  const firing = useFiring()
  const { tick } = storeToRefs(fleet)
  const { byServer } = storeToRefs(firing)
  const fixed = computed(() => byName(fleet.list.map(fixedFacts)))
  const servers = shallowRef<Server[]>([])

  function arrange(): void {
    const matches = matcher(filter.value)
    const rows = fixed.value
      .map((facts) => {
        const { server } = facts
        return { fixed: facts, moving: movingFacts(server, fleet.live.get(server.id), byServer.value.get(server.id)) }
      })
      .filter((row) => matches(row.fixed, row.moving))
    servers.value = sorted(rows, sort.value).map((row) => row.fixed.server)
  }

  watch([fixed, filter, sort, byServer, refThrottled(tick, REORDER_MS)], arrange, { immediate: true })
  return servers
}
