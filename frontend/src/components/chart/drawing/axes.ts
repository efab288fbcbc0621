import type uPlot from 'uplot'
import type { TimeWriter, Zone } from '@/composables/times'
import type { Palette } from './palette'

const DAY = 86_400
const YEAR = 300 * DAY
const BESIDE_PX = 14
const MIN_SIZE = 60

/** Hours and minutes, with the date below at the start of a day. Dates alone if the steps are days. */
export function timeLabels(write: TimeWriter, splits: number[], step: number): string[] {
  const spansYears = splits.length > 1 && (splits.at(-1) as number) - (splits[0] as number) > YEAR
  let before = ''
  return splits.map((at) => {
    const date = new Date(at * 1000)
    const today = write.dayOfYear(date)
    if (step >= DAY) return spansYears ? write.monthOfYear(date) : today
    const clock = step < 60 ? write.clockToSecond(date) : write.clock(date)
    const label = today === before ? clock : `${clock}\n${today}`
    before = today
    return label
  })
}

export interface AxisWords {
  times: TimeWriter
  zone: Zone
  value(amount: number): string
  /** The only values that have a name. */
  splits?: number[]
}

export function chartAxes(palette: Palette, words: AxisWords): uPlot.Axis[] {
  const look: uPlot.Axis = {
    stroke: palette.ink,
    font: palette.font,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { stroke: palette.grid, width: 1, size: 4 },
    gap: 4,
  }
  return [
    { ...look, size: 40, space: 72, values: (_, splits, _axis, _space, step) => timeLabels(words.times, splits, step) },
    {
      ...look,
      space: 34,
      ...(words.splits === undefined ? {} : { splits: words.splits }),
      // A constant width if possible, so that the time axes of charts are aligned.
      size(plot, values) {
        plot.ctx.save() // uPlot remembers which font it has set.
        plot.ctx.font = palette.font
        const widths = (values ?? []).map((label) => Math.ceil(plot.ctx.measureText(label).width) + BESIDE_PX)
        plot.ctx.restore()
        return Math.max(MIN_SIZE, ...widths)
      },
      values: (_, splits) => splits.map(words.value),
    },
  ]
}
