import type { Series } from '@/api/types'
import { gapTolerance } from '@/components/chart/chartTable'

/** Of the server *key*. */
export interface Compared {
  key: string
  series: Series
}

interface Cell {
  sum: number
  weight: number
  min: number | null
  max: number | null
}

/** At most so many points in a chart. */
const MOST = 500

/**
 * One metric of several servers as lines of one chart, which share their times: slots as wide as the buckets of
 * the finest that is fine enough for a range of *span* seconds. A value lasts until the next one, unless that is a gap away.
 */
export function joined(compared: Compared[], metric: string, span: number): Series {
  const widths = compared.map(({ series }) => Math.floor(series.resolution)).sort((one, other) => one - other)
  const width = widths.find((each) => each >= Math.max(1, span / MOST)) ?? Math.ceil(Math.max(1, span / MOST))
  const lines = compared.map(({ key, series }) => ({ key, cells: cellsOf(series, metric, width) }))
  const time = [...new Set(lines.flatMap(({ cells }) => [...cells.keys()]))].sort((one, other) => one - other)
  const columns = lines.map(({ key, cells }) => {
    const line = time.map((slot) => cells.get(slot))
    return [
      key,
      {
        avg: line.map((cell) => (cell && cell.weight > 0 ? cell.sum / cell.weight : null)),
        min: line.map((cell) => cell?.min ?? null),
        max: line.map((cell) => cell?.max ?? null),
      },
    ] as const
  })
  return {
    resolution: width,
    time: time.map((slot) => slot * width),
    coverage: time.map(() => 1),
    columns: Object.fromEntries(columns),
  }
}

/** The values of a series by slot. */
function cellsOf(series: Series, metric: string, width: number): Map<number, Cell> {
  const cells = new Map<number, Cell>()
  const tolerance = gapTolerance(series)
  series.time.forEach((at, row) => {
    const next = series.time[row + 1] ?? Infinity
    const until = next - at <= tolerance ? next : at + series.resolution
    const first = Math.floor(at / width)
    for (let slot = first; slot === first || slot < Math.floor(until / width); slot += 1) {
      const cell = cells.get(slot) ?? { sum: 0, weight: 0, min: null, max: null }
      cells.set(slot, cell)
      add(cell, series, metric, row)
    }
  })
  return cells
}

function add(cell: Cell, { columns, coverage }: Series, metric: string, row: number): void {
  const column = columns[metric]
  const avg = column?.avg[row] ?? null
  if (column === undefined || avg === null) return
  const weight = coverage[row] || Number.EPSILON
  cell.sum += avg * weight
  cell.weight += weight
  cell.min = Math.min(cell.min ?? Infinity, column.min[row] ?? avg)
  cell.max = Math.max(cell.max ?? -Infinity, column.max[row] ?? avg)
}
