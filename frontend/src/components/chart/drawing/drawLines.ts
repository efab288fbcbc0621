import type uPlot from 'uplot'
import type { Palette } from './palette'
import type { Line } from '../types'

/** Dashed lines through their points, such as the forecast of a policy. */
export function drawLines(plot: uPlot, lines: Line[], palette: Palette): void {
  const { ctx, bbox } = plot
  const scale = devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.lineWidth = 1.5 * scale
  ctx.strokeStyle = palette.ink
  ctx.setLineDash([6 * scale, 4 * scale])
  for (const { points } of lines) {
    ctx.beginPath()
    points.forEach(({ at, value }, index) => {
      const [x, y] = [plot.valToPos(at, 'x', true), plot.valToPos(value, 'y', true)]
      if (index === 0) ctx.moveTo(x, y)
      else ctx.lineTo(x, y)
    })
    ctx.stroke()
  }
  ctx.restore()
}
