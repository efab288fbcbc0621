import { useDocumentVisibility } from '@vueuse/core'
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { followLive } from '@/api/live'
import { useFiring } from './firing'
import { useFleet } from './fleet'

const HIDDEN_MS = 30_000

/** The stream that keeps the fleet and the firing alerts up to date while a user is logged in. */
export const useLive = defineStore('live', () => {
  const state = shallowRef<'connecting' | 'on' | 'off' | 'paused'>('connecting')
  /** Counts reconnections: after each, the missed changes must be fetched. */
  const reconnects = shallowRef(0)
  const visibility = useDocumentVisibility()
  const fleet = useFleet()
  const firing = useFiring()
  let stop: (() => void) | null = null
  let wanted = false
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined

  function connect(): void {
    stop?.()
    let wasOff = state.value === 'off' || state.value === 'paused'
    stop = followLive(
      {
        servers: (ids) => fleet.seen(ids),
        samples: (samples) => fleet.take(samples),
        status: (changes) => fleet.changeStatus(changes),
        silenced: (changes) => fleet.changeSilences(changes),
        alerts: () => firing.changed(),
        opened() {
          state.value = 'on'
          void firing.load()
          if (wasOff) reconnects.value += 1
          wasOff = false
        },
        closed() {
          if (state.value === 'on' || state.value === 'connecting') state.value = 'off'
          wasOff = true
        },
      },
      { brief: true },
    )
  }

  function start(): void {
    if (wanted) return
    wanted = true
    state.value = 'connecting'
    connect()
  }

  function end(): void {
    wanted = false
    clearTimeout(hiddenTimer)
    stop?.()
    stop = null
    fleet.clear()
    firing.clear()
  }

  // Browsers allow six connections to a server: hidden tabs close theirs.
  watch(visibility, (now) => {
    clearTimeout(hiddenTimer)
    if (!wanted) return
    if (now === 'hidden') {
      hiddenTimer = setTimeout(() => {
        stop?.()
        stop = null
        state.value = 'paused'
      }, HIDDEN_MS)
    } else if (stop === null) connect()
  })

  return { state, reconnects, start, end }
})
