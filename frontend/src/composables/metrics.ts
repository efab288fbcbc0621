import { METRICS } from '@/api/metrics'

export type Metric = (typeof METRICS)[number]
export type Unit = Metric['unit']

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
