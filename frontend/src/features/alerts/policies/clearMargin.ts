import { boundsOf, unitOf } from '@/composables/metrics'

const PERCENT_POINTS = 5

export interface Thresholds {
  metric: string
  warning: number | null
  critical: number | null
  direction: 'above' | 'below'
}

/** The margin that the server chooses if none is sent; null without a threshold. */
export function defaultMargin({ metric, warning, critical, direction }: Thresholds): number | null {
  const thresholds = [warning, critical].filter((value) => value !== null)
  if (thresholds.length === 0) return null
  const least = Math.min(...thresholds)
  const greatest = Math.max(...thresholds)
  const usual =
    unitOf(metric) === 'percent'
      ? PERCENT_POINTS
      : decimal((least === greatest ? Math.abs(least) : greatest - least) / 10)
  const [low, high] = boundsOf(metric)
  const room = direction === 'above' ? least - low : high - greatest
  return usual < room ? usual : Math.max(0, room / 2)
}

/** Without what binary fractions add: 0.03 and not 0.030000000000000002. */
function decimal(value: number): number {
  return Number(value.toPrecision(12))
}
