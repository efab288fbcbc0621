import { COLUMN_METRICS, METRICS, READINGS } from '@/api/metrics'
import type { LiveSample } from '@/api/types'

export type Unit = (typeof METRICS)[number]['unit']
export interface Metric {
  name: string
  'zh-CN': string
  en: string
  unit: Unit
  chart: string | null
  low: number | null
  high: number | null
}
export type Readings = Record<'zh-CN' | 'en', readonly [string, string]>
export type ColumnMetric = (typeof COLUMN_METRICS)[number]

/** The share of the runs of a check that were up. Charts alone have it. */
const CHECK_UP: Metric = {
  name: 'check_up',
  'zh-CN': '可用率',
  en: 'Availability',
  unit: 'percent',
  chart: null,
  low: 0,
  high: 100,
}
const ALL: readonly Metric[] = [...METRICS, CHECK_UP]
const BY_NAME = new Map<string, Metric>(ALL.map((metric) => [metric.name, metric]))

/** What policies of a check or check-in may be on. */
export const METRICS_OF = { check: ['up', 'ms', 'cert_days'], check_in: ['check_in'] } as const

/** Good or bad, without a value in between that would say more. */
export function isYesOrNo(name: string): boolean {
  return readingsOf(name) !== undefined
}

/** What 0 and 1 mean, by language. Undefined for a metric that is a number. */
export function readingsOf(name: string): Readings | undefined {
  return (READINGS as Record<string, Readings>)[knownMetric(name)?.name ?? '']
}

/** Which value of a metric that is good or bad is the bad one. */
export function badValue(name: string): 0 | 1 {
  return ['check_in', 'reboot_needed', 'unexpected_restart'].includes(name) ? 1 : 0
}

/** Metrics that are read together, in one chart and one tile. */
export const CHARTS: string[][] = METRICS.filter(({ name, chart }) => chart === name).map(({ name }) =>
  METRICS.filter(({ chart }) => chart === name).map((metric) => metric.name),
)

/** Also of one instance, such as `disk:/var` or `container:web:cpu`; undefined for a custom metric. */
export function knownMetric(name: string): Metric | undefined {
  const parts = name.split(':')
  const kind = parts[0] ?? name
  return BY_NAME.get(kind) ?? (parts.length > 1 ? BY_NAME.get(`${kind}:${parts.at(-1)}`) : undefined)
}

/** The `/var` of `disk:/var`, the `web` of `container:web:cpu`; empty for a metric as a whole. */
export function instanceOf(name: string, known: Metric): string {
  const instance = name.slice(known.name.split(':', 1)[0]!.length + 1)
  return known.name.includes(':') ? instance.slice(0, Math.max(0, instance.lastIndexOf(':'))) : instance
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
  return known === undefined ? ALL.length : ALL.indexOf(known)
}
