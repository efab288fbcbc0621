import { knownMetric, unitOf } from '@/composables/metrics'

const POINTS = 5

export interface Thresholds {
  metric: string
  warning: number | null
  critical: number | null
  direction: 'above' | 'below'
}

/** What the server takes where no margin is chosen; null while there is no threshold. */
export function defaultMargin({ metric, warning, critical, direction }: Thresholds): number | null {
  const thresholds = [warning, critical].filter((value) => value !== null)
  if (thresholds.length === 0) return null
  const isPercent = unitOf(metric) === 'percent'
  const span = thresholds.length > 1 ? Math.max(...thresholds) - Math.min(...thresholds) : Math.abs(thresholds[0]!)
  const usual = isPercent ? POINTS : decimal(span / 10)
  const room = roomOf(thresholds, direction, isPercent, metric)
  return usual < room ? usual : Math.max(0, room / 2)
}

/** How far values can be on the good side of the thresholds. */
function roomOf(thresholds: number[], direction: 'above' | 'below', isPercent: boolean, metric: string): number {
  if (direction === 'below') return isPercent ? 100 - Math.max(...thresholds) : Infinity
  return isPercent || knownMetric(metric)?.canBeNegative === false ? Math.min(...thresholds) : Infinity
}

/** Without what binary fractions add: 0.03 and not 0.030000000000000002. */
function decimal(value: number): number {
  return Number(value.toPrecision(12))
}
