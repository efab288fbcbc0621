import type { Schemas } from '@/api/types'
import { boundsOf } from '@/composables/metrics'

export type ServerGroup = Schemas['ServerGroup']
export const STATES = ['critical', 'offline', 'warning', 'never', 'ok'] as const
export type State = (typeof STATES)[number]
/** Quarters of a scale, the lowest first. */
export const STEPS = ['s1', 's2', 's3', 's4'] as const
export type Mark = State | (typeof STEPS)[number]
/** The fills that are no metric. */
export const FILLS = ['state', 'unacknowledged'] as const
export const KINDS = ['tag', 'network', 'team'] as const
/** The kinds of groups that an address names, one or two; inside itself only tags are. */
export function levelsOf(by: string): string[] {
  const [first = 'tag', second] = by.split(',').filter((kind) => (KINDS as readonly string[]).includes(kind))
  return second !== undefined && (second === 'tag' || second !== first) ? [first, second] : [first]
}

/** The metric that the cells show, if any. */
export const metricOf = (fill: string) => ((FILLS as readonly string[]).includes(fill) ? undefined : fill)

const LETTERS: Record<string, State> = { c: 'critical', o: 'offline', w: 'warning', n: 'never', k: 'ok' }
/** In a box of 10. Those of states are the product's: a dot, a ring, a dash, a triangle, an octagon. */
const SHAPES: Record<Mark, string> = {
  critical: 'M3 0h4l3 3v4l-3 3h-4l-3-3v-4z',
  offline: 'M5 1a4 4 0 0 1 0 8a4 4 0 0 1 0-8z',
  warning: 'M5 0l5 10h-10z',
  never: 'M2 4h6v2h-6z',
  ok: 'M5 2a3 3 0 0 1 0 6a3 3 0 0 1 0-6z',
  s1: 'M3 3h4v4h-4z',
  s2: 'M2 2h6v6h-6z',
  s3: 'M1 1h8v8h-8z',
  s4: 'M0 0h10v10h-10z',
}

export interface Scale {
  low: number
  high: number
}

/** How all groups of a map are drawn: pixels between cells, and how many of them fit beside each other. */
export interface Look {
  fill: string
  scale: Scale
  pitch: number
  most: number
  isStill: boolean
}

/** The groups without groups inside. Only these have cells. */
export function innermost(groups: ServerGroup[]): ServerGroup[] {
  return groups.flatMap((group) => (group.groups.length > 0 ? innermost(group.groups) : [group]))
}

/** From the least to the greatest value that *metric* can have; where that is not known, that the servers have. */
export function scaleOf(metric: string, groups: ServerGroup[]): Scale {
  const values = innermost(groups).flatMap((group) => (group.values ?? []).filter((value) => value !== null))
  const [least, most] = boundsOf(metric)
  const low = Number.isFinite(least) ? least : values.reduce((one, other) => Math.min(one, other), 0)
  const high = Number.isFinite(most) ? most : values.reduce((one, other) => Math.max(one, other), low)
  return { low, high: high > low ? high : low + 1 }
}

function stepOf(value: number, { low, high }: Scale): Mark {
  const at = Math.floor(((value - low) / (high - low)) * STEPS.length)
  return STEPS[Math.min(STEPS.length - 1, Math.max(0, at))]!
}

/** The state that a letter of `states` stands for. */
export function stateOf(letter: string): State {
  return LETTERS[letter.toLowerCase()] ?? 'ok'
}

/** How each server of a group is drawn, filled by *fill*: one of FILLS, or a metric. */
export function marksOf({ states, values }: ServerGroup, fill: string, scale: Scale): Mark[] {
  return [...(states ?? '')].map((letter, at) => {
    const state = stateOf(letter)
    if (fill === 'state') return state
    if (fill === 'unacknowledged') return letter === letter.toLowerCase() ? 'ok' : state
    const value = values?.[at]
    if (value !== null && value !== undefined) return stepOf(value, scale)
    return state === 'offline' ? 'offline' : 'never'
  })
}

/** One path for all cells of a mark: thousands of cells are a handful of elements. */
export function pathsOf(marks: Mark[], columns: number): [Mark, string][] {
  const paths = new Map<Mark, string>()
  marks.forEach((mark, at) => {
    const shape = shapeAt(mark, 1 + 12 * (at % columns), 1 + 12 * Math.floor(at / columns))
    paths.set(mark, (paths.get(mark) ?? '') + shape)
  })
  return [...paths]
}

function shapeAt(mark: Mark, x: number, y: number): string {
  return SHAPES[mark].replace(/^M(\d+) (\d+)/, (_, left, top) => `M${x + Number(left)} ${y + Number(top)}`)
}

/** So many cells beside each other that a group is a little wider than high. */
export function columnsOf(cells: number, most: number): number {
  return Math.max(1, Math.min(most, Math.max(12, Math.ceil(Math.sqrt(cells) * 1.5))))
}

/** The list of the servers of a group, given with those around it. */
export function listOf(path: ServerGroup[]) {
  const named = (kind: string) => path.flatMap((group) => (group.kind === kind && group.value ? [group.value] : []))
  const tags = named('tag')
  const without = path.filter(
    ({ kind, value }) => value === null && kind !== 'rest' && !(kind === 'tag' && tags.length),
  )
  const query = {
    tag: tags.join(','),
    network: named('network')[0],
    team: named('team')[0],
    without: without.map(({ kind }) => kind).join(','),
  }
  return { path: '/servers', query: Object.fromEntries(Object.entries(query).filter(([, value]) => value)) }
}
