import { toDate } from '@/api/times'
import type { Silence, Silenced } from '@/api/types'

interface Span {
  begin: Date
  end: Date
}

/** *span*: when the silence is active, now or next. */
export type Action = { kind: 'now' | 'next'; span: Span } | { kind: 'over' | 'never' | 'unreadable'; span: null }

export type Times = Pick<Silence, 'starts_at' | 'ends_at' | 'windows'> & Partial<Pick<Silence, 'readable'>>

/** When a silence is active at, or next after, *now*: in which of the windows that the server computed. */
export function nextAction({ ends_at, readable, windows }: Times, now: Date): Action {
  if (toDate(ends_at) <= now) return { kind: 'over', span: null }
  if (readable === false) return { kind: 'unreadable', span: null }
  const span = windows
    .map(({ start, end }) => ({ begin: toDate(start), end: toDate(end) }))
    .find(({ end }) => end > now)
  if (span === undefined) return { kind: windows.length > 0 ? 'over' : 'never', span: null }
  return { kind: span.begin <= now ? 'now' : 'next', span }
}

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
