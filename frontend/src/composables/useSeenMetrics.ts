import { computed, onMounted, shallowRef } from 'vue'
import { followLive } from '@/api/live'
import { METRICS } from '@/api/metrics'
import { useFleet } from '@/stores/fleet'

const KNOWN = METRICS.map(({ name }) => name as string)
const LOOKED_AT = 50
const WAIT_MS = 10_000
const seen = shallowRef<string[]>([])
let isAsked = false

/** Metrics to choose from: the catalogue, and the custom ones of some of the user's servers. */
export function useSeenMetrics() {
  const fleet = useFleet()
  const names = computed(() => [...KNOWN, ...seen.value.filter((name) => !KNOWN.includes(name)).sort()])

  // The main stream has no custom metrics, to be small. One sample of each server is enough for their names.
  async function glance(): Promise<void> {
    if (isAsked) return
    isAsked = true
    if (!fleet.isLoaded) await fleet.load()
    const serverIds = fleet.list.slice(0, LOOKED_AT).map((server) => server.id)
    if (serverIds.length === 0) return
    const ignored = () => undefined
    const stop = followLive(
      {
        samples(samples) {
          seen.value = [...new Set(samples.flatMap((sample) => Object.keys(sample.extra ?? {})))]
          stop()
        },
        servers: ignored, status: ignored, alerts: ignored, opened: ignored, closed: ignored,
      },
      { serverIds },
    )
    setTimeout(stop, WAIT_MS)
  }

  onMounted(() => void glance())
  return names
}
