import type { Series } from '@/api/types'

/** The data of a chart: columns of equal length, with a row of nulls in each gap. */
export interface ChartTable {
  x: number[]
  coverage: (number | null)[]
  lines: ChartLine[]
  /** True if a point is a bucket of samples, with a minimum and a maximum. */
  isBucketed: boolean
  /** Minimum and maximum of all that is drawn. Null without values. */
  low: number | null
  high: number | null
}

interface ChartLine {
  metric: string
  avg: (number | null)[]
  min: (number | null)[]
  max: (number | null)[]
}

/** A late sample makes no gap: up to three intervals, as in the alert engine. Buckets have no such tolerance. */
const RAW_TOLERANCE = 3
const BUCKET_TOLERANCE = 1.5

export function isBucketed(series: Series): boolean {
  if (series.coverage.some((share) => share < 1)) return true
  return Object.values(series.columns).some(({ min, max }) => min.some((value, index) => value !== max[index]))
}

/** Seconds between two points that make a gap. */
export function gapTolerance(series: Series, bucketed = isBucketed(series)): number {
  return series.resolution * (bucketed ? BUCKET_TOLERANCE : RAW_TOLERANCE)
}

/** *isBare*: without a band from minimum to maximum. */
export function chartTable(series: Series, metrics: string[], isBare = false): ChartTable {
  const { time, resolution } = series
  const bucketed = isBucketed(series)
  const tolerance = gapTolerance(series, bucketed)
  const columns = metrics.map((metric) => series.columns[metric] ?? { avg: [], min: [], max: [] })
  const lines: ChartLine[] = metrics.map((metric) => ({ metric, avg: [], min: [], max: [] }))
  const table: ChartTable = { x: [], coverage: [], lines, isBucketed: bucketed, low: null, high: null }
  let low = Infinity
  let high = -Infinity

  for (let row = 0; row < time.length; row += 1) {
    const at = time[row] as number
    const before = row === 0 ? at : (time[row - 1] as number)
    if (at - before > tolerance) {
      table.x.push(before + Math.min(resolution, (at - before) / 2))
      table.coverage.push(null)
      for (const line of lines) pushPoint(line, null, null, null)
    }
    table.x.push(at)
    table.coverage.push(series.coverage[row] ?? null)
    for (let index = 0; index < lines.length; index += 1) {
      const column = columns[index]!
      const min = column.min[row] ?? null
      const max = column.max[row] ?? null
      const avg = column.avg[row] ?? null
      pushPoint(lines[index]!, avg, min, max)
      const [least, most] = isBare ? [avg, avg] : [min, max]
      if (least !== null && least < low) low = least
      if (most !== null && most > high) high = most
    }
  }
  if (low <= high) Object.assign(table, { low, high })
  return table
}

function pushPoint(line: ChartLine, avg: number | null, min: number | null, max: number | null): void {
  line.avg.push(avg)
  line.min.push(min)
  line.max.push(max)
}

export interface Figures {
  last: number | null
  min: number | null
  max: number | null
  avg: number | null
}

/** A line in four numbers. A bucket counts for its average as far as it has samples. */
export function figuresOf({ avg, min, max }: ChartLine, coverage: (number | null)[]): Figures {
  let sum = 0
  let weight = 0
  let last: number | null = null
  let low = Infinity
  let high = -Infinity
  for (let row = 0; row < avg.length; row += 1) {
    const value = avg[row] ?? null
    if (value === null) continue
    last = value
    const share = coverage[row] || Number.EPSILON
    sum += value * share
    weight += share
    low = Math.min(low, min[row] ?? value)
    high = Math.max(high, max[row] ?? value)
  }
  return weight === 0 ? { last, min: null, max: null, avg: null } : { last, min: low, max: high, avg: sum / weight }
}
