import { toSeconds } from '@/api/times'
import type { LiveSample, Series } from '@/api/types'
import { isBucketed } from '@/components/chart/chartTable'
import { valueIn } from '@/composables/metrics'

type Column = { avg: (number | null)[]; min: (number | null)[]; max: (number | null)[] }

/**
 * *series* with a newer sample, and without points before *start*. A newest point that is a bucket takes in the sample,
 * weighted by the part of the bucket that a sample covers. Returns the same series if the sample is not
 * newer.
 */
export function appendSample(series: Series, sample: LiveSample, start: number, interval: number): Series {
  if (sample.recorded_at === null) return series
  const at = toSeconds(sample.recorded_at)
  const last = series.time.at(-1) ?? -Infinity
  const bucketed = isBucketed(series)
  const slot = bucketed ? Math.floor(at / series.resolution) * series.resolution : at
  // Live times are whole seconds; stored ones may have fractions.
  if (bucketed ? slot < last : at <= last) return series

  const share = Math.min(1, interval / series.resolution)
  const merges = bucketed && slot === last
  const from = Math.max(
    0,
    series.time.findIndex((time) => time + (bucketed ? series.resolution : 0) >= start),
  )
  const cut = <T>(values: T[]) => values.slice(from)
  const columns: Record<string, Column> = {}
  for (const [metric, column] of Object.entries(series.columns)) {
    const own: Column = { avg: cut(column.avg), min: cut(column.min), max: cut(column.max) }
    const value = valueIn(sample, metric)
    if (merges) mergeInto(own, value, series.coverage.at(-1) ?? 0, share)
    else for (const values of [own.avg, own.min, own.max]) values.push(value)
    columns[metric] = own
  }
  const time = cut(series.time)
  const coverage = cut(series.coverage)
  if (merges) coverage[coverage.length - 1] = Math.min(1, (coverage.at(-1) ?? 0) + share)
  else {
    time.push(slot)
    coverage.push(bucketed ? share : 1)
  }
  return { resolution: series.resolution, time, coverage, columns }
}

function mergeInto(column: Column, value: number | null, covered: number, share: number): void {
  if (value === null) return
  const row = column.avg.length - 1
  const avg = column.avg[row] ?? null
  column.avg[row] = avg === null ? value : (avg * covered + value * share) / (covered + share)
  column.min[row] = Math.min(column.min[row] ?? value, value)
  column.max[row] = Math.max(column.max[row] ?? value, value)
}
