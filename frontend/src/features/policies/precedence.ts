import type { Policy, Server } from '@/api/types'

export interface MetricGroup {
  metric: string
  /** As the server asks them: the first whose scope covers a server decides for it, and no other. */
  policies: Policy[]
}

const FIRST = ['offline', 'cpu', 'memory', 'disk']

export function rankOf({ scope }: Pick<Policy, 'scope'>): number {
  return (scope.server_id ?? null) !== null ? 2 : scope.tag ? 1 : 0
}

/** One group for each metric; inside, the most specific first, and among tags the one made first. */
export function byMetric(policies: Policy[]): MetricGroup[] {
  const groups = new Map<string, Policy[]>()
  for (const policy of policies) groups.set(policy.metric, [...(groups.get(policy.metric) ?? []), policy])
  return [...groups]
    .map(([metric, own]) => ({ metric, policies: own.sort((one, other) => rankOf(other) - rankOf(one) || one.id - other.id) }))
    .sort((one, other) => place(one.metric) - place(other.metric) || one.metric.localeCompare(other.metric))
}

function place(metric: string): number {
  const found = FIRST.indexOf(metric)
  return found === -1 ? FIRST.length : found
}

export function covers({ scope }: Pick<Policy, 'scope'>, server: Pick<Server, 'id' | 'tags'>): boolean {
  if ((scope.server_id ?? null) !== null) return server.id === scope.server_id
  return !scope.tag || server.tags.includes(scope.tag)
}

/** For how many of *servers* each policy of a group is the one that decides; a disabled one decides "nothing". */
export function decided({ policies }: MetricGroup, servers: Pick<Server, 'id' | 'tags'>[]): Map<number, number> {
  const counts = new Map(policies.map((policy) => [policy.id, 0]))
  for (const server of servers) {
    const chosen = policies.find((policy) => covers(policy, server))
    if (chosen !== undefined) counts.set(chosen.id, (counts.get(chosen.id) ?? 0) + 1)
  }
  return counts
}
