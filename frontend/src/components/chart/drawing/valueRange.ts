import uPlot from 'uplot'
import type { ChartTable } from '../chartTable'
import type { Threshold } from '../types'

/** A threshold further away would flatten the line. The legend still names it. */
const REACH = 1.5

/** A line at the edge would be cut in half along its length. */
const ROOM = 0.01

/** The range of the value axis: all of *bounds* where both are finite, such as from 0 to 100 for percentages. Lines at its edges are drawn whole. */
export function valueRange(
  table: Pick<ChartTable, 'low' | 'high'>,
  bounds: [number, number],
  thresholds: Threshold[],
): [number, number] {
  const [low, high] = tightRange(table, bounds, thresholds)
  const room = ROOM * (high - low)
  return [low - room, high + room]
}

function tightRange(
  table: Pick<ChartTable, 'low' | 'high'>,
  [least, most]: [number, number],
  thresholds: Threshold[],
): [number, number] {
  if (Number.isFinite(most - least)) return [Math.min(least, table.low ?? least), Math.max(most, table.high ?? most)]
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
