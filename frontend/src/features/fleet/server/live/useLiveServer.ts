import { useDocumentVisibility, useTimeoutFn } from '@vueuse/core'
import { onScopeDispose, shallowRef, watch } from 'vue'
import { followLive } from '@/api/live'
import type { LiveSample } from '@/api/types'

const HIDDEN_MS = 30_000

export interface LiveServer {
  /** Each new state of the server, extras and processes included. */
  sample(sample: LiveSample): void
  /** It can no longer be seen: deleted, or taken away. */
  gone(): void
  /** The stream is there again: what was missed has to be asked for. */
  again(): void
}

/**
 * One server in full; the fleet's own stream is without extras and processes. Like that one it lets go of its
 * connection while nobody looks, of which a browser allows six.
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
          if (change !== undefined && newest.value !== undefined) newest.value = { ...newest.value, status: change.status }
        },
        alerts: () => undefined,
        opened() {
          if (wasOff) hear.again()
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
