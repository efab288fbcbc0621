import type { Series } from '@/api/types'
import { gapTolerance, isBucketed } from '@/components/chart/chartTable'

/** The part of the time from *start* to *end* that has samples, 0 to 1. Null for an empty range. */
export function coverageOf(series: Series, start: number, end: number): number | null {
  if (end <= start) return null
  const bucketed = isBucketed(series)
  const tolerance = gapTolerance(series, bucketed)
  let covered = 0
  series.time.forEach((at, row) => {
    const next = series.time[row + 1] ?? end
    // A sample covers the time up to the next one, unless the next is too far away.
    const length = !bucketed && next - at <= tolerance ? next - at : series.resolution
    const overlap = Math.min(end, at + length) - Math.max(start, at)
    if (overlap > 0) covered += overlap * (bucketed ? (series.coverage[row] ?? 0) : 1)
  })
  const lead = (series.time[0] ?? Infinity) - start
  if (!bucketed && lead > 0 && lead <= tolerance) covered += lead
  return Math.min(1, covered / (end - start))
}
