import type uPlot from 'uplot'
import type { ChartTable } from '../chartTable'
import type { Palette } from './palette'
import type { Mark, Threshold } from '../types'

const LANE = 9
const BAR = 6
/** Below this coverage a bucket is marked. In a bucket of few samples one late sample is a large part. */
const WELL_COVERED = 0.7
/** Many short outages must not hide the measured values. */
const NARROW = 6

/** CSS pixels above the plot in which alerts (the upper lane) and silences are drawn; the same for every chart of a page. */
export const LANES = 2 * LANE + 2

interface Canvas {
  plot: uPlot
  palette: Palette
  /** CSS pixels to those of the canvas. */
  scale: number
}

export const canvasOf = (plot: uPlot, palette: Palette): Canvas => ({ plot, palette, scale: devicePixelRatio })

/** The position of a time, kept inside the plot. Null if the mark is outside. */
function extent({ plot }: Canvas, from: number, to: number | null): [number, number] | null {
  const { min, max } = plot.scales.x!
  if (min === undefined || max === undefined || from > max || (to ?? max) < min) return null
  const place = (at: number) => plot.valToPos(Math.min(max, Math.max(min, at)), 'x', true)
  return [place(from), place(to ?? max)]
}

export function drawMarks(canvas: Canvas, marks: Mark[]): void {
  const {
    plot: { ctx, bbox },
    palette,
    scale,
  } = canvas
  const lanes = bbox.top - LANES * scale
  ctx.save()
  let taken = -Infinity
  for (const mark of marks) {
    const place = extent(canvas, mark.from, mark.to)
    if (place === null) continue
    const [left, right] = place
    const width = Math.max(2 * scale, right - left)
    if (mark.kind === 'silence') {
      hatch(ctx, palette.silence, left, lanes + LANE * scale, width, BAR * scale, scale)
      continue
    }
    if (mark.kind === 'moment') {
      taken = drawMoment(canvas, mark, left, taken)
      continue
    }
    const colour = palette.level[mark.level ?? 'warning']
    ctx.fillStyle = colour
    ctx.globalAlpha = 0.09
    ctx.fillRect(left, bbox.top, width, bbox.height)
    ctx.globalAlpha = 1
    // Critical is thicker, so that levels are distinct without colour.
    const height = mark.level === 'critical' ? BAR * scale : (BAR / 2) * scale
    ctx.fillRect(left, lanes + BAR * scale - height, width, height)
    if (width > NARROW * scale) ctx.fillRect(left, lanes, Math.max(1, scale), bbox.top + bbox.height - lanes)
  }
  ctx.restore()
}

/**
 * A line with its label above the plot, on the side with room. No label if it would overlap the previous one, which
 * ends at *taken*. Returns where its own label ends.
 */
function drawMoment(
  { plot: { ctx, bbox }, palette, scale }: Canvas,
  { label, isBefore = false }: Mark,
  at: number,
  taken: number,
): number {
  const gap = 4 * scale
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = palette.ink
  ctx.lineWidth = scale
  ctx.setLineDash([4 * scale, 3 * scale])
  ctx.beginPath()
  ctx.moveTo(at, bbox.top - LANE * scale)
  ctx.lineTo(at, bbox.top + bbox.height)
  ctx.stroke()
  ctx.font = palette.font.replace(/^\d+/, (size) => String(Number(size) * scale))
  const width = ctx.measureText(label).width + gap
  const isLeft = isBefore ? at - width > bbox.left : at + width > bbox.left + bbox.width
  ctx.textAlign = isLeft ? 'right' : 'left'
  const isFree = (isLeft ? at - width : at) > taken
  if (isFree) ctx.fillText(label, isLeft ? at - gap : at + gap, bbox.top - 2 * scale)
  ctx.restore()
  return isFree ? at + (isLeft ? 0 : width) : taken
}

function hatch(
  ctx: CanvasRenderingContext2D,
  colour: string,
  left: number,
  top: number,
  width: number,
  height: number,
  scale: number,
): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
  ctx.strokeStyle = colour
  ctx.lineWidth = scale
  ctx.strokeRect(left, top, width, height)
  ctx.beginPath()
  for (let x = left - height; x < left + width; x += 4 * scale) {
    ctx.moveTo(x, top + height)
    ctx.lineTo(x + height, top)
  }
  ctx.stroke()
  ctx.restore()
}

export function drawThresholds({ plot, palette, scale }: Canvas, thresholds: Threshold[]): void {
  const { ctx, bbox } = plot
  const { min, max } = plot.scales.y!
  if (min === undefined || max === undefined) return
  ctx.save()
  ctx.lineWidth = scale
  for (const { value, level } of thresholds) {
    if (value < min || value > max) continue
    const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5
    ctx.strokeStyle = palette.level[level]
    ctx.setLineDash(level === 'critical' ? [8 * scale, 3 * scale] : [3 * scale, 3 * scale])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
  }
  ctx.restore()
}

/** Dots under buckets that are partly without samples. */
export function drawCoverage(canvas: Canvas, table: ChartTable, resolution: number): void {
  if (!table.isBucketed) return
  const {
    plot: { ctx, bbox },
    palette,
    scale,
  } = canvas
  ctx.save()
  ctx.strokeStyle = palette.gap
  ctx.lineWidth = 3 * scale
  ctx.setLineDash([2 * scale, 2 * scale])
  ctx.beginPath()
  const y = bbox.top + bbox.height - 2 * scale
  table.coverage.forEach((share, row) => {
    if (share === null || share >= WELL_COVERED) return
    const at = table.x[row] as number
    const place = extent(canvas, at, at + resolution)
    if (place === null) return
    ctx.moveTo(place[0], y)
    ctx.lineTo(place[1], y)
  })
  ctx.stroke()
  ctx.restore()
}
