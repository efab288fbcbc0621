import type uPlot from 'uplot'
import type { ChartTable } from '../chartTable'
import type { Palette } from './palette'
import { lineColour } from './palette'

/** A peak of one sample is one pixel wide and must be visible on dark backgrounds too. */
const ALPHA = 0.35

/**
 * Draws the band from minimum to maximum of each bucket. In long series many buckets share a column of pixels and are
 * merged first. uPlot's own bands would need two more lines for each line, and would draw slopes between buckets.
 */
export function drawBands(
  plot: uPlot,
  table: ChartTable,
  resolution: number,
  palette: Palette,
  hidden: ReadonlySet<string>,
): void {
  if (!table.isBucketed) return
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.globalAlpha = ALPHA
  table.lines.forEach((line, index) => {
    if (hidden.has(line.metric)) return
    ctx.fillStyle = lineColour(palette, index)
    ctx.beginPath()
    for (const { left, right, low, high } of columnsOf(table.x, line.min, line.max, resolution, (at) =>
      Math.round(plot.valToPos(at, 'x', true)),
    )) {
      const [top, bottom] = [plot.valToPos(high, 'y', true), plot.valToPos(low, 'y', true)]
      ctx.rect(left, top, right - left, Math.max(1, bottom - top))
    }
    ctx.fill()
  })
  ctx.restore()
}

/** Columns of pixels: their positions, and the minimum and maximum in them. */
interface PixelColumn {
  left: number
  right: number
  low: number
  high: number
}

export function columnsOf(
  x: number[],
  min: (number | null)[],
  max: (number | null)[],
  resolution: number,
  toPixel: (at: number) => number,
): PixelColumn[] {
  const columns: PixelColumn[] = []
  for (let row = 0; row < x.length; row += 1) {
    const low = min[row] ?? null
    const high = max[row] ?? null
    if (low === null || high === null) continue
    const at = x[row] as number
    const left = toPixel(at)
    const right = Math.max(left + 1, toPixel(Math.min(at + resolution, x[row + 1] ?? Infinity)))
    const last = columns[columns.length - 1]
    if (last !== undefined && last.left === left) {
      last.low = Math.min(last.low, low)
      last.high = Math.max(last.high, high)
      last.right = right
    } else columns.push({ left, right, low, high })
  }
  return columns
}
