import { computed, shallowRef } from 'vue'

const KEPT = 5
/** A `Date` header says whole seconds, and an answer takes its time: less than this is no difference. */
const NOTICED_MS = 2_000

const offset = shallowRef(0)
let measured: number[] = []

/** By how many milliseconds the server's clock is ahead of this browser's; 0 where they agree. */
export const clockOffset = computed(() => offset.value)

/** The server's time, which is everybody's: epoch milliseconds. A browser's own clock may be hours off. */
export function serverNow(): number {
  return Date.now() + offset.value
}

/** The same as a date. */
export function serverDate(): Date {
  return new Date(serverNow())
}

/**
 * Takes the offset from an answer's `Date` *header*, asked and answered at these moments of the browser's clock. The
 * median of a few: one answer out of a cache, or one that took long, changes nothing.
 */
export function noteServerTime(header: unknown, askedAt: number, answeredAt: number): void {
  const said = Date.parse(String(header))
  if (Number.isNaN(said)) return
  measured = [...measured, said + 500 - (askedAt + answeredAt) / 2].slice(-KEPT)
  const median = [...measured].sort((one, other) => one - other)[Math.floor(measured.length / 2)] ?? 0
  if (Math.abs(median - offset.value) >= NOTICED_MS) offset.value = Math.abs(median) < NOTICED_MS ? 0 : median
}

/** As if nothing had been asked yet. */
export function forgetServerTime(): void {
  measured = []
  offset.value = 0
}
