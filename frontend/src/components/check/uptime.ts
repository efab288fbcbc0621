const DAY_MS = 86_400_000

/** The day *count* days after the date *first* (UTC). */
export function dayAfter(first: string, count: number): Date {
  return new Date(Date.parse(`${first}T00:00:00Z`) + count * DAY_MS)
}

/** Of the days with data, in percent. */
export function meanOf(days: (number | null)[]): number | null {
  const known = days.filter((share) => share !== null)
  return known.length === 0 ? null : known.reduce((sum, share) => sum + share, 0) / known.length
}

/** Days that were not wholly up, the worst first. */
export function troubledDays(days: (number | null)[]): { index: number; share: number }[] {
  return days
    .flatMap((share, index) => (share === null || share >= 100 ? [] : [{ index, share }]))
    .sort((one, other) => one.share - other.share)
}

/** With two decimals, and 100 only if nothing was missed: "99.99", not "100". */
export function writtenShare(share: number): string {
  if (share >= 100) return '100'
  return String(Math.floor(share * 100) / 100)
}

interface Outage {
  /** Epoch milliseconds; *to* null: it goes on. */
  from: number
  to: number | null
}

/** For how much of each of the last *count* days (UTC) it was not out, in percent; null before *since*. *now*: epoch milliseconds. */
export function shareByDay(
  outages: Outage[],
  since: number,
  now: number,
  count: number,
): { first: string; days: (number | null)[] } {
  const today = Math.floor(now / DAY_MS) * DAY_MS
  const first = today - (count - 1) * DAY_MS
  const days = Array.from({ length: count }, (_, index) => {
    const [begin, end] = [Math.max(first + index * DAY_MS, since), Math.min(first + (index + 1) * DAY_MS, now)]
    if (begin >= end) return null
    const out = outages.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(to ?? now, end) - Math.max(from, begin)),
      0,
    )
    return Math.max(0, 100 * (1 - out / (end - begin)))
  })
  return { first: new Date(first).toISOString().slice(0, 10), days }
}
