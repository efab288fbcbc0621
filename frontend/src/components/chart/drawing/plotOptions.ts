import uPlot from 'uplot'
import { toWall } from '@/composables/times'
import type { AxisWords } from './axes'
import { chartAxes } from './axes'
import type { ChartTable } from '../chartTable'
import { drawBands } from './drawBand'
import { drawLines } from './drawLines'
import { canvasOf, drawCoverage, drawMarks, drawThresholds, LANES } from './drawMarks'
import type { Palette } from './palette'
import { lineColour, lineDash } from './palette'
import type { Line, Mark, Threshold } from '../types'
import { valueRange } from './valueRange'

/** Everything that a drawing of a chart depends on. */
export interface ChartState {
  table: ChartTable
  resolution: number
  start: number
  end: number
  /** The least and the greatest possible value; infinite where unknown. */
  bounds: [number, number]
  thresholds: Threshold[]
  marks: Mark[]
  lines: Line[]
  hidden: ReadonlySet<string>
  /** Without bands from minimum to maximum. */
  isBare: boolean
}

export interface ChartEvents {
  range(start: number, end: number): void
  reset(): void
  cursor(row: number | null): void
}

const MIN_DRAG_PX = 6
/** With fewer points than this, each is a dot too. */
const FEW = 40
const toEachSample = uPlot.paths.linear!()
/** The line of a bucket's average extends to the end of the bucket. */
const overEachBucket = uPlot.paths.stepped!({ align: 1, alignGaps: 1 })

/** *now* is called at every drawing, so that new data, ranges or marks need no new plot. */
export function plotOptions(
  now: () => ChartState,
  look: { palette: Palette; words: AxisWords; width: number; height: number; syncKey?: string },
  events: ChartEvents,
): uPlot.Options {
  const { palette } = look
  const drawn = (plot: uPlot) => canvasOf(plot, palette)
  return {
    ...(look.words.zone === 'utc' ? { tzDate: (at: number) => toWall(new Date(at * 1000), 'utc') } : {}),
    width: look.width,
    height: look.height,
    padding: [LANES + 2, 20, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: true, range: () => [now().start, now().end] },
      y: { range: () => valueRange(now().table, now().bounds, now().thresholds) },
    },
    axes: chartAxes(palette, look.words),
    series: [
      {},
      ...now().table.lines.map((line, index) => ({
        label: line.metric,
        show: !now().hidden.has(line.metric),
        stroke: lineColour(palette, index),
        dash: lineDash(index),
        width: 1.5,
        paths: (...where: Parameters<uPlot.Series.PathBuilder>) =>
          (now().table.isBucketed ? overEachBucket : toEachSample)(...where),
        // A single point between two gaps is always shown.
        points: { size: 4, fill: lineColour(palette, index), show: () => now().table.x.length <= FEW },
      })),
    ],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 7, width: 2, stroke: (_, index) => lineColour(palette, index - 1), fill: palette.surface },
      bind: { dblclick: () => () => (events.reset(), null) },
      ...(look.syncKey === undefined
        ? {}
        : {
            sync: {
              key: look.syncKey,
              setSeries: false,
              scales: ['x', null],
              // Charts share the cursor, but only the dragged one reports the selection.
              filters: { pub: (type: string) => type === 'mousemove' || type === 'mouseleave' },
            },
          }),
    },
    hooks: {
      drawAxes: [
        (plot) => {
          drawCoverage(drawn(plot), now().table, now().resolution)
          if (!now().isBare) drawBands(plot, now().table, now().resolution, palette, now().hidden)
        },
      ],
      draw: [
        (plot) => {
          drawThresholds(drawn(plot), now().thresholds)
          drawMarks(drawn(plot), now().marks)
          drawLines(plot, now().lines, palette)
        },
      ],
      setCursor: [(plot) => events.cursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          if (width < MIN_DRAG_PX) return
          const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          events.range(from, to)
        },
      ],
    },
  }
}
