import uPlot from 'uplot'
import type { Unit } from '@/composables/metrics'
import type { ChartTable } from './chartTable'
import type { Threshold } from './types'

/** A threshold further away would flatten the line. The legend still names it. */
const REACH = 1.5

/** The range of the value axis. Percentages always go from 0 to 100. */
export function valueRange(table: Pick<ChartTable, 'low' | 'high'>, unit: Unit, thresholds: Threshold[]): [number, number] {
  if (unit === 'percent') return [Math.min(0, table.low ?? 0), Math.max(100, table.high ?? 0)]
  let low = table.low ?? 0
  let high = table.high ?? 1
  for (const { value } of thresholds) {
    if (value > high && value <= high * REACH) high = value
    if (value < low && value >= low / REACH) low = value
  }
  if (low === high && low === 0) return [0, 1]
  const [from, to] = uPlot.rangeNum(low, high, 0.1, true)
  if (low < 0) return [from ?? low, to ?? high]
  // Rates, loads and counts are never negative. Their axis starts at 0 unless that would flatten the line.
  return [low <= high / 2 ? 0 : Math.max(0, from ?? 0), to ?? high]
}
