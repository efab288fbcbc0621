import { COLUMN_METRICS, METRICS } from '@/api/metrics'
import type { LiveSample } from '@/api/types'

export type Metric = (typeof METRICS)[number]
export type Unit = Metric['unit']
export type ColumnMetric = (typeof COLUMN_METRICS)[number]

const BY_NAME = new Map<string, Metric>(METRICS.map((metric) => [metric.name, metric]))

/** Metrics that are read together, in one chart and one tile. */
export const CHARTS: string[][] = METRICS.filter(({ name, chart }) => chart === name).map(({ name }) =>
  METRICS.filter(({ chart }) => chart === name).map((metric) => metric.name),
)

/** Also of one instance, such as `disk:/var`; undefined for a custom metric. */
export function knownMetric(name: string): Metric | undefined {
  return BY_NAME.get(name.split(':')[0] ?? name)
}

export function unitOf(name: string): Unit {
  return knownMetric(name)?.unit ?? 'none'
}

/** The lowest and the highest value that a metric can have; infinite where unknown. */
export function boundsOf(name: string): [number, number] {
  const known = knownMetric(name)
  return [known?.low ?? -Infinity, known?.high ?? Infinity]
}

export function isColumn(name: string): name is ColumnMetric {
  return (COLUMN_METRICS as readonly string[]).includes(name)
}

/** Null if *sample* has no value of the metric. */
export function valueIn(sample: LiveSample, name: string): number | null {
  return isColumn(name) ? sample[`${name}_value`] : (sample.extra[name] ?? null)
}

/** Compares names for sorting: the catalogue in its order, each metric before its instances, then custom ones by name. */
export function inOrder(one: string, other: string): number {
  return place(one) - place(other) || one.localeCompare(other, undefined, { numeric: true })
}

function place(name: string): number {
  const known = knownMetric(name)
  return known === undefined ? METRICS.length : METRICS.indexOf(known)
}
