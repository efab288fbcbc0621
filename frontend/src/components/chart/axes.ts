import type uPlot from 'uplot'
import type { Palette } from './palette'

const DAY = 86_400
const YEAR = 300 * DAY
const LABEL_PX = 6.6
const MIN_SIZE = 60

/** Hours and minutes, the date beneath where a day begins; days where the steps are days. In the reader's zone. */
export function timeLabels(locale: string, splits: number[], step: number): string[] {
  const write = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { hourCycle: 'h23', ...options })
  const day = write({ month: 'numeric', day: 'numeric' })
  const month = write({ year: 'numeric', month: 'short' })
  const clock = write(step < 60 ? { hour: '2-digit', minute: '2-digit', second: '2-digit' } : { hour: '2-digit', minute: '2-digit' })
  const spansYears = splits.length > 1 && (splits.at(-1) as number) - (splits[0] as number) > YEAR
  let before = ''
  return splits.map((at) => {
    const date = new Date(at * 1000)
    if (step >= DAY) return (spansYears ? month : day).format(date)
    const today = day.format(date)
    const label = today === before ? clock.format(date) : `${clock.format(date)}\n${today}`
    before = today
    return label
  })
}

export interface AxisWords {
  locale: string
  value(amount: number): string
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
    { ...look, size: 40, space: 72, values: (_, splits, _axis, _space, step) => timeLabels(words.locale, splits, step) },
    {
      ...look,
      space: 34,
      // The same width wherever it will do, so that charts beneath each other share their times.
      size: (_, values) => Math.max(MIN_SIZE, ...(values ?? []).map((label) => String(label).length * LABEL_PX + 14)),
      values: (_, splits) => splits.map(words.value),
    },
  ]
}
