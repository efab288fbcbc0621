import { CHARTS, inOrder, knownMetric } from '@/composables/metrics'

/** Metrics that belong in one chart: they share a unit, and are read against each other. */
export interface MetricGroup {
  key: string
  metrics: string[]
}

const isDrawn = (name: string) => knownMetric(name)?.chart !== null
/** With more lines than this in one chart, a reader cannot distinguish them. */
export const MOST_LINES = 12

export function groupsOf(names: Iterable<string>): MetricGroup[] {
  const left = new Set([...names].filter(isDrawn))
  const groups: MetricGroup[] = []
  for (const wanted of CHARTS) {
    const there = wanted.filter((name) => left.delete(name))
    if (there.length > 0) groups.push({ key: wanted[0] as string, metrics: there })
  }
  const disks = [...left].filter((name) => name.startsWith('disk:')).sort(inOrder)
  for (let from = 0; from < disks.length; from += MOST_LINES) {
    groups.push({ key: `disk:${from === 0 ? '' : from}`, metrics: disks.slice(from, from + MOST_LINES) })
  }
  for (const name of left) if (!name.startsWith('disk:')) groups.push({ key: name, metrics: [name] })
  return groups.sort((one, other) => inOrder(one.key, other.key))
}

/** The server answers at most this many metrics at once. */
const MOST_AT_ONCE = 20

/** The groups in as few requests as possible, in their order. No group is split: the lines of a chart share their times. */
export function questionsFor(groups: MetricGroup[]): MetricGroup[][] {
  const questions: MetricGroup[][] = []
  let size = Infinity
  for (const group of groups) {
    size += group.metrics.length
    if (size > MOST_AT_ONCE) {
      questions.push([])
      size = group.metrics.length
    }
    questions.at(-1)?.push(group)
  }
  return questions
}
