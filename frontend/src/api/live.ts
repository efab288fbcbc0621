import { post } from './http'
import type { AlertChange, FleetCounts, LiveSample, SilencedChange, StatusChange } from './types'

/**
 * Events of the stream. `servers` lists those of its servers that are visible, first and whenever the fleet changes, as
 * of a revision of the fleet.
 */
export interface LiveListener {
  servers(ids: number[], revision: string): void
  samples(samples: LiveSample[]): void
  status(changes: StatusChange[]): void
  silenced?(changes: SilencedChange[]): void
  alerts(changes: AlertChange[]): void
  counts?(counts: FleetCounts): void
  /** *hasMissed*: the one before was silent for long, and may have been dead. */
  opened(hasMissed?: boolean): void
  /** The stream ended. It reconnects automatically. */
  closed(): void
}

interface LiveScope {
  /** Only these servers, in full. */
  serverIds?: number[]
  /** Without `extra` and `processes`. */
  brief?: boolean
  /** Also the figures and alerts of all servers. */
  counts?: boolean
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 15_000
const SILENCE_MS = 45_000

async function fetchTicket(): Promise<string> {
  return (await post('/api/live/ticket')).ticket
}

/**
 * Follows /api/live until the returned function is called. EventSource sends no headers, so each connection uses a
 * ticket that works once. This is why EventSource may not reconnect by itself.
 */
export function followLive(listener: LiveListener, scope: LiveScope = {}, takeTicket = fetchTicket): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let pause = FIRST_PAUSE_MS
  let stopped = false
  let hasMissed = false

  function again(soon = false): void {
    source?.close()
    source = null
    listener.closed()
    clearTimeout(timer)
    if (stopped) return
    // Partly random, so that a thousand screens do not reconnect at the same moment.
    const wait = soon ? 0 : pause * (0.5 + Math.random() / 2)
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    timer = setTimeout(() => void open(), wait)
  }

  function expectNews(): void {
    clearTimeout(timer)
    // A half-open connection never sends anything, not even that it is alive.
    timer = setTimeout(() => {
      source?.close()
      hasMissed = true
      void open()
    }, SILENCE_MS)
  }

  function hear<T>(on: EventSource, name: string, tell: (data: T, id: string) => void): void {
    on.addEventListener(name, (event) => {
      expectNews()
      const { data, lastEventId } = event as MessageEvent<string>
      tell(JSON.parse(data) as T, lastEventId)
    })
  }

  async function open(): Promise<void> {
    let ticket: string
    try {
      ticket = await takeTicket()
    } catch {
      again()
      return
    }
    if (stopped) return
    const query = new URLSearchParams({ ticket })
    if (scope.brief) query.set('brief', 'true')
    if (scope.counts) query.set('counts', 'true')
    if (scope.serverIds) query.set('server_id', scope.serverIds.join(','))
    const opened = new EventSource(`/api/live?${query.toString()}`)
    source = opened
    opened.onopen = () => {
      pause = FIRST_PAUSE_MS
      listener.opened(hasMissed)
      hasMissed = false
      expectNews()
    }
    opened.onerror = () => again()
    hear(opened, 'alive', () => undefined)
    hear<number[]>(opened, 'servers', (ids, revision) => listener.servers(ids, revision))
    hear<LiveSample[]>(opened, 'samples', (samples) => listener.samples(samples))
    hear<StatusChange[]>(opened, 'status', (changes) => listener.status(changes))
    hear<SilencedChange[]>(opened, 'silenced', (changes) => listener.silenced?.(changes))
    hear<AlertChange[]>(opened, 'alerts', (changes) => listener.alerts(changes))
    hear<FleetCounts[]>(opened, 'counts', ([counts]) => counts && listener.counts?.(counts))
    opened.addEventListener('end', () => again(true))
  }

  void open()
  return () => {
    stopped = true
    clearTimeout(timer)
    source?.close()
  }
}
