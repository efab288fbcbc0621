/** The time range of charts: the last so many seconds, or from one time to another in epoch seconds. */
export type Range = { kind: 'last'; span: SpanName } | { kind: 'fixed'; start: number; end: number }

export const SPANS = {
  '1h': 3_600,
  '6h': 21_600,
  '24h': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
  '1y': 31_536_000,
} as const
export type SpanName = keyof typeof SPANS
export const DEFAULT_RANGE: Range = { kind: 'last', span: '6h' }

/** The shortest useful range. */
const SHORTEST = 60
/** In longer ranges a new sample is less than a pixel. */
const LONGEST_LIVE = SPANS['24h']

type RangeQuery = Partial<Record<'range' | 'from' | 'to', string>>

/** The range of an address. The default if it is invalid. */
export function parseRange(query: Record<string, unknown>): Range {
  const { range, from, to } = query
  if (typeof range === 'string' && Object.hasOwn(SPANS, range)) return { kind: 'last', span: range as SpanName }
  const [start, end] = [toMoment(from), toMoment(to)]
  return start !== null && end !== null && start < end ? fixedRange(start, end) : DEFAULT_RANGE
}

function toMoment(written: unknown): number | null {
  if (typeof written !== 'string') return null
  const seconds = /^\d+(\.\d+)?$/.test(written) ? Number(written) : Date.parse(written) / 1000
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null
}

/** The address of a range, without the default. */
export function rangeQuery(range: Range): RangeQuery {
  if (range.kind === 'fixed') return { from: writtenMoment(range.start), to: writtenMoment(range.end) }
  return range.span === (DEFAULT_RANGE as { span: SpanName }).span ? {} : { range: range.span }
}

function writtenMoment(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** Whole seconds, at least the shortest range, around the same middle. */
export function fixedRange(start: number, end: number): Range {
  const missing = Math.max(0, SHORTEST - (end - start)) / 2
  return { kind: 'fixed', start: Math.max(0, Math.floor(start - missing)), end: Math.ceil(end + missing) }
}

export function windowOf(range: Range, now: number): { start: number; end: number } {
  return range.kind === 'fixed' ? { start: range.start, end: range.end } : { start: now - SPANS[range.span], end: now }
}

/** Moves one end. If it passes the other end, both move. */
export function withEdge({ start, end }: { start: number; end: number }, edge: 'start' | 'end', at: number): Range {
  if (edge === 'start') return fixedRange(at, at < end ? end : at + end - start)
  return fixedRange(at > start ? start : at - (end - start), at)
}

/** The next longer span, or twice the range around the same middle. */
export function zoomedOut(range: Range, now: number): Range {
  if (range.kind === 'last') {
    const names = Object.keys(SPANS) as SpanName[]
    return { kind: 'last', span: names[names.indexOf(range.span) + 1] ?? range.span }
  }
  const width = range.end - range.start
  const end = Math.min(range.end + width / 2, Math.max(now, range.end))
  return fixedRange(end - 2 * width, end)
}

/** Half a range earlier (-1) or later (1), but not after *now*. */
export function moved(range: Range, by: -1 | 1, now: number): Range {
  const { start, end } = windowOf(range, now)
  const step = Math.min((by * (end - start)) / 2, now - end)
  return fixedRange(start + step, end + step)
}

export function isLive(range: Range): boolean {
  return range.kind === 'last' && SPANS[range.span] <= LONGEST_LIVE
}
