import { boundsOf, unitOf } from '@/composables/metrics'

type Level = 'warning' | 'critical'
export type Thresholds = Record<Level, number | null>

/** The values that a chart shows, from *low* to *high*, and the *step* by which a threshold is dragged. */
export interface Scale {
  low: number
  high: number
  step: number
}

const PERCENT: Scale = { low: 0, high: 100, step: 1 }

/** A scale around all *values* (without nulls), within the range of the metric. */
export function scaleFor(metric: string, values: number[]): Scale {
  if (unitOf(metric) === 'percent') return PERCENT
  const [least, most] = boundsOf(metric)
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
  const room = (high - low) * 0.15 || 1
  const step = nice((high - low || 1) / 100)
  return {
    low: low < 0 ? Math.max(least, down(low - room, step)) : 0,
    high: Math.min(most, up(high + room, step)),
    step,
  }
}

/** *value* as a whole number of steps, within the scale, and not beyond the other threshold. */
export function settled(
  value: number,
  level: Level,
  thresholds: Thresholds,
  direction: 'above' | 'below',
  { low, high, step }: Scale,
): number {
  const other = level === 'warning' ? thresholds.critical : thresholds.warning
  const isBelowOther = (level === 'warning') === (direction === 'above')
  const least = other === null || isBelowOther ? low : other + step
  const most = other === null || !isBelowOther ? high : other - step
  return rounded(Math.min(most, Math.max(least, Math.round(value / step) * step)))
}

/** The share of the height at which *value* lies, from the top. */
export function shareFromTop(value: number, { low, high }: Scale): number {
  return Math.min(1, Math.max(0, (high - value) / (high - low)))
}

/** The nearest of 1, 2 and 5 times a power of ten. */
function nice(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size))
  return rounded(([1, 2, 5, 10].find((n) => n * power >= size * 0.999) ?? 10) * power)
}

const down = (value: number, step: number) => rounded(Math.floor(value / step) * step)
const up = (value: number, step: number) => rounded(Math.ceil(value / step) * step)

/** Without what binary fractions add. */
function rounded(value: number): number {
  return Number(value.toPrecision(12))
}
