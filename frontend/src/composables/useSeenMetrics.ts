import { computed, onMounted, shallowRef } from 'vue'
import { followLive } from '@/api/live'
import { listOrdered } from '@/api/servers'
import { METRICS } from '@/api/metrics'
import { asApiError } from './errors'

const KNOWN = METRICS.filter(({ instances }) => !instances).map(({ name }) => name as string)
const LOOKED_AT = 50
const WAIT_MS = 10_000
const seen = shallowRef<string[]>([])
let isAsked = false

async function someServers(): Promise<number[]> {
  try {
    return (await listOrdered({ query: { sort: '-report', limit: LOOKED_AT } })).servers.map((server) => server.id)
  } catch (raw) {
    asApiError(raw)
    isAsked = false // by the next one
    return []
  }
}

/** Metrics to choose from: the catalogue, and the custom ones of some of the user's servers. */
export function useSeenMetrics() {
  const names = computed(() => [...KNOWN, ...seen.value.filter((name) => !KNOWN.includes(name)).sort()])

  // The main stream has no custom metrics, to be small. One sample of each server is enough for their names.
  async function glance(): Promise<void> {
    if (isAsked) return
    isAsked = true
    const serverIds = await someServers()
    if (serverIds.length === 0) return
    const ignored = () => undefined
    const stop = followLive(
      {
        samples(samples) {
          seen.value = [...new Set(samples.flatMap((sample) => Object.keys(sample.extra ?? {})))]
          stop()
        },
        servers: ignored,
        status: ignored,
        alerts: ignored,
        opened: ignored,
        closed: ignored,
      },
      { serverIds },
    )
    setTimeout(stop, WAIT_MS)
  }

  onMounted(() => void glance())
  return names
}
