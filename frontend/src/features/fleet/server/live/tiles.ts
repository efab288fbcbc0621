import { METRICS } from '@/api/metrics'
import type { Alert, Level, LiveSample } from '@/api/types'
import { CHARTS, isColumn, unitOf, valueIn } from '@/composables/metrics'
import type { Section } from '@/composables/metricSections'
import { sectionOf } from '@/composables/metricSections'

/** Values that are read together, in one tile. */
export interface Tile {
  key: string
  values: { metric: string; value: number | null }[]
  /** Percent of the whole. */
  share: number | null
  level: Level | null
}

/** The number of processes is the title of their list. */
const TILES = CHARTS.filter(([first]) => first !== 'processes')

/**
 * The current values of a server, coloured by the alerts that fire on them. A metric without a value has no tile,
 * except those that every sample has.
 */
export function tilesOf(sample: LiveSample, alerts: Pick<Alert, 'metric' | 'level'>[]): Tile[] {
  return TILES.flatMap((metrics) => {
    const values = metrics
      .map((metric) => ({ metric, value: valueIn(sample, metric) }))
      .filter(({ metric, value }) => value !== null || isColumn(metric))
    const [first] = values
    if (first === undefined) return []
    return [
      {
        key: metrics[0] as string,
        values,
        share: unitOf(first.metric) === 'percent' ? first.value : null,
        level: levelOf(alerts, metrics),
      },
    ]
  })
}

export function levelOf(alerts: Pick<Alert, 'metric' | 'level'>[], metrics: string[]): Level | null {
  const own = alerts.filter((alert) => metrics.includes(alert.metric))
  if (own.some(({ level }) => level === 'critical')) return 'critical'
  return own.length > 0 ? 'warning' : null
}

interface Reading {
  metric: string
  value: number
  level: Level | null
}

interface FileSystem extends Reading {
  path: string
}

/** The fullest first. */
export function fileSystemsOf(sample: LiveSample, alerts: Pick<Alert, 'metric' | 'level'>[]): FileSystem[] {
  return Object.entries(sample.extra)
    .filter(([metric]) => metric.startsWith('disk:'))
    .map(([metric, value]) => ({ metric, path: metric.slice('disk:'.length), value, level: levelOf(alerts, [metric]) }))
    .sort((one, other) => other.value - one.value || one.path.localeCompare(other.path))
}

/** Sections that have no tables of their own. */
const WITHOUT_PLACE: Section[] = ['system', 'checks', 'others']

/** Metrics without another place, such as sensors and those that scripts give to the agent. */
export function othersOf(sample: LiveSample, alerts: Pick<Alert, 'metric' | 'level'>[]): Reading[] {
  return Object.entries(sample.extra)
    .filter(([metric]) => WITHOUT_PLACE.includes(sectionOf(metric)) && METRICS.every(({ name }) => name !== metric))
    .map(([metric, value]) => ({ metric, value, level: levelOf(alerts, [metric]) }))
    .sort((one, other) => one.metric.localeCompare(other.metric, undefined, { numeric: true }))
}
