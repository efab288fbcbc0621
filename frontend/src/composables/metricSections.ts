import { METRIC_SECTIONS } from '@/api/metricSections'
import { inOrder } from './metrics'

/** What people look for metrics under. */
export type Section = keyof typeof METRIC_SECTIONS

const SECTIONS = Object.keys(METRIC_SECTIONS) as Section[]
const NAMED = SECTIONS.flatMap((section) => METRIC_SECTIONS[section].map((name) => [name as string, section] as const))
const BY_NAME = new Map<string, Section>(NAMED)
/** Also of names that begin like those of agents. */
const BY_KIND = new Map<string, Section>(
  NAMED.filter(([, section]) => section !== 'checks').map(([name, section]) => [name.split(':', 1)[0]!, section]),
)

export function sectionOf(name: string): Section {
  return BY_NAME.get(name) ?? BY_KIND.get(name.split(':', 1)[0]!) ?? 'others'
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
