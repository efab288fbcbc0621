import type { Alert, Level, LiveSample } from '@/api/types'
import { CHARTS, unitOf } from '@/composables/metrics'
import { valueIn } from '../charts/appendSample'

/** Values that are read together, in one tile. */
export interface Tile {
  key: string
  values: { metric: string; value: number | null }[]
  /** What of a whole it is, 0 to 100. */
  share: number | null
  level: Level | null
}

/** Shown beside the name of the server. */
const ELSEWHERE = ['uptime', 'processes']
const TILES = CHARTS.filter(([first]) => first !== 'processes')
/** What every agent measures has a tile before there is a value. */
const ALWAYS = ['cpu', 'memory', 'disk']

/** What a server measures now; values it does not measure have no tile. Coloured by the alerts that fire on them. */
export function tilesOf(sample: LiveSample, alerts: Pick<Alert, 'metric' | 'level'>[]): Tile[] {
  return TILES.flatMap((metrics) => {
    const values = metrics.map((metric) => ({ metric, value: valueIn(sample, metric) })).filter(({ metric, value }) => value !== null || ALWAYS.includes(metric))
    const [first] = values
    if (first === undefined) return []
    return [{ key: metrics[0] as string, values, share: unitOf(first.metric) === 'percent' ? first.value : null, level: levelOf(alerts, metrics) }]
  })
}

export function levelOf(alerts: Pick<Alert, 'metric' | 'level'>[], metrics: string[]): Level | null {
  const own = alerts.filter((alert) => metrics.includes(alert.metric))
  if (own.some(({ level }) => level === 'critical')) return 'critical'
  return own.length > 0 ? 'warning' : null
}

export interface Reading {
  metric: string
  value: number
  level: Level | null
}

export interface FileSystem extends Reading {
  path: string
}

/** The fullest first. */
export function fileSystemsOf(sample: LiveSample, alerts: Pick<Alert, 'metric' | 'level'>[]): FileSystem[] {
  return Object.entries(sample.extra)
    .filter(([metric]) => metric.startsWith('disk:'))
    .map(([metric, value]) => ({ metric, path: metric.slice('disk:'.length), value, level: levelOf(alerts, [metric]) }))
    .sort((one, other) => other.value - one.value || one.path.localeCompare(other.path))
}

const SHOWN = new Set([...TILES.flat(), ...ELSEWHERE])

/** Whatever has no place of its own: what scripts hand to the agent. */
export function othersOf(sample: LiveSample, alerts: Pick<Alert, 'metric' | 'level'>[]): Reading[] {
  return Object.entries(sample.extra)
    .filter(([metric]) => !SHOWN.has(metric) && !metric.startsWith('disk:'))
    .map(([metric, value]) => ({ metric, value, level: levelOf(alerts, [metric]) }))
    .sort((one, other) => one.metric.localeCompare(other.metric, undefined, { numeric: true }))
}
