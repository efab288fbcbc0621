import type { LiveSample } from '@/api/types'

type Extra = LiveSample['extra']

export interface Unit {
  metric: string
  name: string
  isActive: boolean
}

export interface Container {
  name: string
  isUp: boolean
  /** Percent of the host, and bytes; null for one that does not run, and beyond the first ones. */
  cpu: number | null
  memory: number | null
}

export interface Flow {
  name: string
  incoming: number | null
  outgoing: number | null
}

export interface Mount {
  path: string
  used: number | null
  inodes: number | null
}

export interface HostCheck {
  name: string
  isUp: boolean
  ms: number | null
  certDays: number | null
}

const byName = (one: string, other: string) => one.localeCompare(other, undefined, { numeric: true })

/** What follows *kind* and a colon, in order. */
function instancesOf(extra: Extra, kind: string): string[] {
  const start = `${kind}:`
  return Object.keys(extra)
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length))
    .sort(byName)
}

/** The NAME of `kind:NAME:part`, which may have colons itself. */
function namesOf(extra: Extra, kind: string, part: string): string[] {
  return instancesOf(extra, kind)
    .filter((rest) => rest.endsWith(`:${part}`))
    .map((rest) => rest.slice(0, -part.length - 1))
}

const valueOf = (extra: Extra, name: string) => extra[name] ?? null

/** Those that do not run come first. */
const troubledFirst =
  <T>(isWell: (each: T) => boolean) =>
  (one: T, other: T) =>
    Number(isWell(one)) - Number(isWell(other))

export function unitsOf(extra: Extra): Unit[] {
  return instancesOf(extra, 'unit')
    .map((name) => ({ metric: `unit:${name}`, name, isActive: (extra[`unit:${name}`] ?? 0) >= 1 }))
    .sort(troubledFirst((unit) => unit.isActive))
}

export function containersOf(extra: Extra): Container[] {
  return namesOf(extra, 'container', 'up')
    .map((name) => ({
      name,
      isUp: (extra[`container:${name}:up`] ?? 0) >= 1,
      cpu: valueOf(extra, `container:${name}:cpu`),
      memory: valueOf(extra, `container:${name}:memory`),
    }))
    .sort(troubledFirst((container) => container.isUp))
}

function flowsOf(extra: Extra, incoming: string, outgoing: string): Flow[] {
  const names = [...new Set([...instancesOf(extra, incoming), ...instancesOf(extra, outgoing)])].sort(byName)
  return names.map((name) => ({
    name,
    incoming: valueOf(extra, `${incoming}:${name}`),
    outgoing: valueOf(extra, `${outgoing}:${name}`),
  }))
}

export const interfacesOf = (extra: Extra) => flowsOf(extra, 'net_rx', 'net_tx')
export const devicesOf = (extra: Extra) => flowsOf(extra, 'disk_read', 'disk_write')

export function mountsOf(extra: Extra): Mount[] {
  const paths = [...new Set([...instancesOf(extra, 'disk'), ...instancesOf(extra, 'inodes')])].sort(byName)
  return paths.map((path) => ({ path, used: valueOf(extra, `disk:${path}`), inodes: valueOf(extra, `inodes:${path}`) }))
}

export function arraysOf(extra: Extra): { name: string; isWhole: boolean }[] {
  return instancesOf(extra, 'raid')
    .map((name) => ({ name, isWhole: (extra[`raid:${name}`] ?? 0) >= 1 }))
    .sort(troubledFirst((array) => array.isWhole))
}

/** The checks that the agent runs itself. */
export function hostChecksOf(extra: Extra): HostCheck[] {
  return namesOf(extra, 'check', 'up')
    .map((name) => ({
      name,
      isUp: (extra[`check:${name}:up`] ?? 0) >= 1,
      ms: valueOf(extra, `check:${name}:ms`),
      certDays: valueOf(extra, `check:${name}:cert_days`),
    }))
    .sort(troubledFirst((check) => check.isUp))
}

/** Whether there is anything to show in a section of its own. */
export function hasParts(extra: Extra): boolean {
  return (
    'units_failed' in extra ||
    [unitsOf, containersOf, interfacesOf, devicesOf, mountsOf, arraysOf, hostChecksOf].some(
      (read) => read(extra).length > 0,
    )
  )
}
