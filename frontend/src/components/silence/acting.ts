import type { Silenced } from '@/api/types'

/** The active silences of *metric*, without its name, which is shown beside them. */
export function actingOn(acting: Silenced[], metric: string): Silenced[] {
  return acting
    .filter((each) => each.metric === null || each.metric === metric)
    .map((each) => ({ ...each, metric: null }))
}

/** For each metric (null: all metrics) the silence that ends last, unless one of all metrics lasts longer. */
export function lastToEnd(acting: Silenced[]): Silenced[] {
  const last = new Map<string | null, Silenced>()
  for (const each of acting) if (each.until > (last.get(each.metric)?.until ?? '')) last.set(each.metric, each)
  const ofAll = last.get(null)
  return [...last.values()]
    .filter((each) => each === ofAll || each.until > (ofAll?.until ?? ''))
    .sort((one, other) => Number(one !== ofAll) - Number(other !== ofAll))
}
