import type uPlot from 'uplot'
import type { ChartTable } from './chartTable'
import type { Palette } from './palette'
import { lineColour } from './palette'

const ALPHA = 0.2

/**
 * From the least to the largest of each bucket. One column of pixels holds many buckets of a long series, so they are
 * folded first; uPlot's own bands would walk two more lines for each, and clip them at every gap.
 */
export function drawBands(plot: uPlot, table: ChartTable, palette: Palette, hidden: ReadonlySet<string>): void {
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
    for (const run of columnsOf(table.x, line.min, line.max, (at) => Math.round(plot.valToPos(at, 'x', true)))) {
      fillRun(ctx, run, (value) => plot.valToPos(value, 'y', true))
    }
  })
  ctx.restore()
}

/** One column of pixels: its place, and the least and largest value in it. */
export interface PixelColumn {
  x: number
  low: number
  high: number
}

/** Runs of columns without a gap inside. */
export function columnsOf(
  x: number[],
  min: (number | null)[],
  max: (number | null)[],
  toPixel: (at: number) => number,
): PixelColumn[][] {
  const runs: PixelColumn[][] = []
  let run: PixelColumn[] = []
  for (let row = 0; row < x.length; row += 1) {
    const low = min[row] ?? null
    const high = max[row] ?? null
    if (low === null || high === null) {
      if (run.length > 0) runs.push(run)
      run = []
      continue
    }
    const at = toPixel(x[row] as number)
    const last = run[run.length - 1]
    if (last !== undefined && last.x === at) {
      if (low < last.low) last.low = low
      if (high > last.high) last.high = high
    } else run.push({ x: at, low, high })
  }
  if (run.length > 0) runs.push(run)
  return runs
}

function fillRun(ctx: CanvasRenderingContext2D, run: PixelColumn[], toPixel: (value: number) => number): void {
  const [first] = run
  if (first === undefined) return
  if (run.length === 1) {
    const top = toPixel(first.high)
    ctx.fillRect(first.x - 1, top, 2, Math.max(1, toPixel(first.low) - top))
    return
  }
  ctx.beginPath()
  for (const { x, high } of run) ctx.lineTo(x, toPixel(high))
  for (let index = run.length - 1; index >= 0; index -= 1) ctx.lineTo(run[index]!.x, toPixel(run[index]!.low))
  ctx.fill()
}
