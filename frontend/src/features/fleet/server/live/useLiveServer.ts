import { useDocumentVisibility, useTimeoutFn } from '@vueuse/core'
import { onScopeDispose, shallowRef, watch } from 'vue'
import { followLive } from '@/api/live'
import type { LiveSample } from '@/api/types'

const HIDDEN_MS = 30_000

interface LiveServer {
  /** Each new state of the server, with extra metrics and processes. */
  sample(sample: LiveSample): void
  /** The server was deleted, or the user may no longer see it. */
  gone(): void
  /** The stream reconnected: fetch what was missed. */
  again(): void
}

/**
 * Follows one server with extra metrics and processes, which the main stream does not have. Hidden tabs close the
 * connection, as browsers allow six.
 */
export function useLiveServer(id: number, hear: LiveServer, follow: typeof followLive = followLive) {
  const newest = shallowRef<LiveSample>()
  const visibility = useDocumentVisibility()
  let stop: (() => void) | null = null
  let wasOff = false

  function connect(): void {
    stop = follow(
      {
        servers: (ids) => void (ids.includes(id) || hear.gone()),
        samples(samples) {
          for (const sample of samples) {
            if (sample.server_id !== id) continue
            newest.value = sample
            hear.sample(sample)
          }
        },
        status(changes) {
          const change = changes.find((each) => each.server_id === id)
          if (change !== undefined && newest.value !== undefined)
            newest.value = { ...newest.value, status: change.status }
        },
        alerts: () => undefined,
        opened(hasMissed) {
          if (wasOff || hasMissed) hear.again()
          wasOff = false
        },
        closed: () => void (wasOff = true),
      },
      { serverIds: [id] },
    )
  }

  function disconnect(): void {
    stop?.()
    stop = null
    wasOff = true
  }

  const letGo = useTimeoutFn(disconnect, HIDDEN_MS, { immediate: false })
  watch(visibility, (now) => {
    if (now === 'hidden') letGo.start()
    else {
      letGo.stop()
      if (stop === null) connect()
    }
  })
  connect()
  onScopeDispose(() => stop?.())
  return newest
}
