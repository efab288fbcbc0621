import { METRICS_OF, inOrder } from './metrics'

export const SECTIONS = [
  'system',
  'disks',
  'network',
  'services',
  'containers',
  'hostChecks',
  'checks',
  'others',
] as const
/** What people look for metrics under. */
export type Section = (typeof SECTIONS)[number]

const OF_CHECKS = new Set<string>(Object.values(METRICS_OF).flat())
const BY_KIND: Record<string, Section> = {
  disk: 'disks',
  disk_read: 'disks',
  disk_write: 'disks',
  inodes: 'disks',
  raid: 'disks',
  net_rx: 'network',
  net_tx: 'network',
  units_failed: 'services',
  unit: 'services',
  containers: 'containers',
  container: 'containers',
  check: 'hostChecks',
  ...Object.fromEntries(
    [
      'cpu',
      'memory',
      'swap',
      'load1',
      'load5',
      'load15',
      'offline',
      'clock_error',
      'uptime',
      'processes',
      'temperature',
      'temp',
      'pressure_cpu',
      'pressure_memory',
      'pressure_io',
    ].map((kind) => [kind, 'system']),
  ),
}

export function sectionOf(name: string): Section {
  if (OF_CHECKS.has(name)) return 'checks'
  return BY_KIND[name.split(':')[0] ?? name] ?? 'others'
}

/** The *names* under each section that has some, in order. */
export function bySection(names: Iterable<string>): { section: Section; names: string[] }[] {
  const held = new Map<Section, string[]>()
  for (const name of names) held.set(sectionOf(name), [...(held.get(sectionOf(name)) ?? []), name])
  return SECTIONS.flatMap((section) => {
    const own = held.get(section)
    return own === undefined ? [] : [{ section, names: own.sort(inOrder) }]
  })
}

/** Whether each word of *text* is in one of the *written* names, in any case. */
export function isFoundIn(text: string, written: string[]): boolean {
  const all = written.join('\n').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}
