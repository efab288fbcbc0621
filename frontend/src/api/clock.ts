import { computed, shallowRef } from 'vue'

const KEPT = 5
/** Smaller offsets are ignored: a `Date` header has whole seconds, and an answer takes time. */
const NOTICED_MS = 2_000

const offset = shallowRef(0)
let measured: number[] = []

/** Milliseconds that the server's clock is ahead of the browser's. 0 if they agree. */
export const clockOffset = computed(() => offset.value)

/** The server's time in epoch milliseconds. A browser's clock may be wrong by hours. */
export function serverNow(): number {
  return Date.now() + offset.value
}

/** The server's time as a date. */
export function serverDate(): Date {
  return new Date(serverNow())
}

/**
 * Updates the offset from the `Date` *header* of an answer. *askedAt*, *answeredAt*: by the browser's clock. Takes the
 * median of several answers, so that a cached or slow one changes nothing.
 */
export function noteServerTime(header: unknown, askedAt: number, answeredAt: number): void {
  const said = Date.parse(String(header))
  if (Number.isNaN(said)) return
  measured = [...measured, said + 500 - (askedAt + answeredAt) / 2].slice(-KEPT)
  const median = [...measured].sort((one, other) => one - other)[Math.floor(measured.length / 2)] ?? 0
  if (Math.abs(median - offset.value) >= NOTICED_MS) offset.value = Math.abs(median) < NOTICED_MS ? 0 : median
}

/** Resets the offset, for tests. */
export function forgetServerTime(): void {
  measured = []
  offset.value = 0
}
