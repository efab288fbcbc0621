import { CHARTS, inOrder, instanceOf, knownMetric } from '@/composables/metrics'

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
  const instances = new Map<string, string[]>()
  for (const name of left) {
    const chart = knownMetric(name)?.chart
    if (chart) instances.set(chart, [...(instances.get(chart) ?? []), name])
    else groups.push({ key: name, metrics: [name] })
  }
  for (const [chart, names] of instances) groups.push(...instanceGroups(chart, names.sort(byInstance)))
  return groups.sort((one, other) => inOrder(one.metrics[0]!, other.metrics[0]!))
}

/** The key begins with that of the title, such as `disk_`. */
function instanceGroups(chart: string, names: string[]): MetricGroup[] {
  const groups: MetricGroup[] = []
  for (let from = 0; from < names.length; from += MOST_LINES) {
    groups.push({
      key: `${chart.replace(':', '_')}_:${from === 0 ? '' : from}`,
      metrics: names.slice(from, from + MOST_LINES),
    })
  }
  return groups
}

/** What an interface receives comes beside what it sends. */
function byInstance(one: string, other: string): number {
  const [first, second] = [one, other].map((name) => instanceOf(name, knownMetric(name)!)) as [string, string]
  return first.localeCompare(second, undefined, { numeric: true }) || inOrder(one, other)
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
