import { useDocumentVisibility, watchDebounced } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowReactive, shallowRef, watch } from 'vue'
import { followLive } from '@/api/live'
import { useFiring } from './firing'
import { useFleet } from './fleet'
import { useSession } from './session'

const HIDDEN_MS = 30_000
const SETTLE_MS = 200
const POLL_MS = 15_000
/** The stream has no acknowledgements: every fourth time what fires is asked for beside it. */
const BESIDE = 4
/** Servers of one stream: their ids are in its address. */
const MOST = 600
const MOST_HELD = 200

/** The stream that keeps up to date what the open page shows of servers, all counts, and the firing alerts. */
export const useLive = defineStore('live', () => {
  const state = shallowRef<'connecting' | 'on' | 'off' | 'paused'>('connecting')
  /** Counts reconnections: after each, the missed changes must be fetched. */
  const reconnects = shallowRef(0)
  const visibility = useDocumentVisibility()
  const fleet = useFleet()
  const firing = useFiring()
  const session = useSession()
  /** What components look at. */
  const looks = shallowReactive(new Set<() => number[]>())
  const ids = computed(() => [...new Set([...looks].flatMap((look) => look()))].slice(0, MOST))
  let followed = new Set<number>()
  let stop: (() => void) | null = null
  let current = 0
  let wanted = false
  /** The fleet's, as of which everything is known; empty if that is not known. */
  let revision = ''
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined

  function connect(): void {
    // The stream of before goes on until this one is open.
    let before = stop
    const mine = (current += 1)
    followed = new Set(ids.value)
    let wasOff = state.value === 'off' || state.value === 'paused'
    let isFirst = true
    if (state.value === 'paused') state.value = 'connecting'
    const end = followLive(
      {
        servers(_, now) {
          // A change may come between the last event of one stream and the first of the next. All that was missed is
          // fetched after a reconnection anyway.
          if (!isFirst || (revision !== '' && revision !== now)) fleet.changed()
          isFirst = false
          revision = now
        },
        samples: (samples) => fleet.take(samples),
        status: (changes) => fleet.changeStatus(changes),
        silenced: (changes) => fleet.changeSilences(changes),
        alerts: () => firing.changed(),
        counts: (counts) => (fleet.counts = counts),
        opened(hasMissed) {
          wasOff ||= hasMissed === true
          before?.()
          before = null
          state.value = 'on'
          if (wasOff) {
            revision = ''
            reconnects.value += 1
            fleet.changed()
          }
          if (wasOff || !firing.isLoaded) void firing.load()
          wasOff = false
          isFirst = true
        },
        closed() {
          if (mine !== current) return
          if (state.value === 'on' || state.value === 'connecting') state.value = 'off'
          wasOff = true
          if (!firing.isLoaded) void firing.load()
        },
      },
      { serverIds: [...followed], brief: true, counts: true },
    )
    stop = () => {
      end()
      before?.()
    }
  }

  function start(): void {
    if (wanted) return
    wanted = true
    state.value = 'connecting'
    connect()
  }

  function end(): void {
    wanted = false
    revision = ''
    clearTimeout(hiddenTimer)
    stop?.()
    stop = null
    fleet.clear()
    firing.clear()
  }

  /** Adds what *look* returns to the stream, until the returned function is called. */
  function follow(look: () => number[]): () => void {
    looks.add(look)
    return () => looks.delete(look)
  }

  // A stream can't be changed: another one is opened if somebody looks at a server that it does not send.
  watchDebounced(
    ids,
    (now) => {
      if (stop !== null && now.some((id) => !followed.has(id))) connect()
    },
    { debounce: SETTLE_MS },
  )

  // A proxy may let no stream through, or hold it back: then what fires is asked for.
  let turn = 0
  const polling = setInterval(() => {
    const isDue = state.value !== 'on' || (turn += 1) % BESIDE === 0
    if (stop !== null && isDue && visibility.value === 'visible' && session.ended === null) void firing.load()
  }, POLL_MS)
  onScopeDispose(() => clearInterval(polling))

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

  return { state, reconnects, start, end, follow }
})

/** Keeps the newest samples and silences of these servers in the fleet while the component is there. */
export function useFollowed(ids: () => number[]): void {
  onScopeDispose(useLive().follow(ids))
}

/** Like `useFollowed`, for servers whose rows no list brings. Of very many, the first ones. */
export function useHeld(given: () => number[]): void {
  const fleet = useFleet()
  const ids = () => [...new Set(given())].slice(0, MOST_HELD)
  let held = new Set<number>()
  useFollowed(ids)
  watch(
    [ids, () => fleet.changes],
    ([now, changes], [, before]) => {
      // What nobody followed may have changed meanwhile.
      void fleet.fetchRows(changes === before ? now.filter((id) => !held.has(id)) : now)
      held = new Set(now)
    },
    { immediate: true },
  )
}
