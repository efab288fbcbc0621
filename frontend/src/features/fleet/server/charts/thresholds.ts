import type { ServerPolicy } from '@/api/types'
import type { Threshold } from '@/components/chart/types'
import { KINDS } from '@/components/policy-kinds/known'

/**
 * The threshold lines of a chart. A disabled policy has none, and one that draws other lines. If the thresholds of its
 * metrics differ, *nameOf* names each line.
 */
export function thresholdsOf(
  policies: ServerPolicy[],
  metrics: string[],
  nameOf: (metric: string, level: Threshold['level']) => string,
): Threshold[] {
  const found = metrics.flatMap((metric) => {
    const policy = policies.find(
      (each) => each.metric === metric && KINDS[each.kind].linesOf === undefined && each.enabled,
    )
    if (policy === undefined) return []
    return (['warning', 'critical'] as const).flatMap((level) => {
      const value = policy[level]
      return value === null ? [] : [{ metric, level, value }]
    })
  })
  const distinct = new Map(found.map((each) => [`${each.level} ${each.value}`, each]))
  const isShared = metrics.every((metric) =>
    [...distinct.values()].every(({ level, value }) =>
      found.some((each) => each.metric === metric && each.level === level && each.value === value),
    ),
  )
  return [...distinct.values()].map(({ metric, level, value }) => ({
    level,
    value,
    ...(isShared ? {} : { label: nameOf(metric, level) }),
  }))
}
