import { toDate } from '@/api/times'
import type { Silence } from '@/api/types'

interface Span {
  begin: Date
  end: Date
}

/** *span*: when the silence is active, now or next. */
export type Action = { kind: 'now' | 'next'; span: Span } | { kind: 'over' | 'never' | 'unreadable'; span: null }

export type Times = Pick<Silence, 'starts_at' | 'ends_at' | 'windows'> & Partial<Pick<Silence, 'readable'>>

/** Whether it has begun and not ended: a recurring one may wait for its next window. */
export const isWithin = ({ starts_at, ends_at }: Pick<Silence, 'starts_at' | 'ends_at'>, now: Date): boolean =>
  toDate(starts_at) <= now && now < toDate(ends_at)

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
