import type { Silenced } from '@/api/types'

/** Those that silence *metric*, as they are told of beside it: without naming it once more. */
export function actingOn(acting: Silenced[], metric: string): Silenced[] {
  return acting.filter((each) => each.metric === null || each.metric === metric).map((each) => ({ ...each, metric: null }))
}

/** What remains to be said: of those on one metric (or on all: null) the last to end, and none that ends within one on all. */
export function lastToEnd(acting: Silenced[]): Silenced[] {
  const last = new Map<string | null, Silenced>()
  for (const each of acting) if (each.until > (last.get(each.metric)?.until ?? '')) last.set(each.metric, each)
  const ofAll = last.get(null)
  return [...last.values()].filter((each) => each === ofAll || each.until > (ofAll?.until ?? '')).sort((one, other) => Number(one !== ofAll) - Number(other !== ofAll))
}
