import { localZoneName, timeZone } from '@/composables/times'
import { toDate } from '@/api/times'
import type { Recurrence, Silence } from '@/api/types'

const DAY_MS = 86_400_000

interface Span {
  begin: Date
  end: Date
}

/** *span*: when the silence is active, now or next. */
export type Action = { kind: 'now' | 'next'; span: Span } | { kind: 'over' | 'never' | 'unreadable'; span: null }

export type Times = Pick<Silence, 'starts_at' | 'ends_at' | 'recurrence'> & Partial<Pick<Silence, 'readable'>>

/** When a silence is active at, or next after, *now*. Must agree with the server. */
export function nextAction(silence: Times, now: Date): Action {
  const whole = { begin: toDate(silence.starts_at), end: toDate(silence.ends_at) }
  if (whole.end <= now) return { kind: 'over', span: null }
  if (silence.readable === false) return { kind: 'unreadable', span: null }
  const span = silence.recurrence === null ? whole : nextWindow(silence.recurrence, whole, now)
  if (span === null)
    return { kind: whole.begin <= now && hasWindow(silence.recurrence, whole) ? 'over' : 'never', span: null }
  return { kind: span.begin <= now ? 'now' : 'next', span }
}

function hasWindow(recurrence: Recurrence | null, whole: Span): boolean {
  return recurrence === null || nextWindow(recurrence, whole, whole.begin) !== null
}

/** The first window in *whole* that has not ended at *now*, cut to *whole*. Windows without a pause between them are one. */
function nextWindow(recurrence: Recurrence, whole: Span, now: Date): Span | null {
  const from = new Date(Math.max(now.getTime(), whole.begin.getTime()))
  const zone = recurrence.zone
  const [hour = 0, minute = 0] = recurrence.starts.split(':').map(Number)
  const midnight = Math.floor((from.getTime() + offsetAt(from.getTime(), zone)) / DAY_MS) * DAY_MS
  if (recurrence.weekdays.length === 7 && recurrence.duration * 1_000 === DAY_MS) return whole
  let found = null as Span | null
  // Yesterday's window may last until today. A change of the clock can skip the only window of a week.
  for (let day = -1; day <= 14; day++) {
    const wall = midnight + day * DAY_MS + (hour * 60 + minute) * 60_000
    if (!recurrence.weekdays.includes(weekdayOf(wall))) continue
    const begin = Math.max(toInstant(wall, zone, 'first'), whole.begin.getTime())
    const end = Math.min(toInstant(wall + recurrence.duration * 1_000, zone, 'last'), whole.end.getTime())
    if (begin >= end || end <= from.getTime()) continue
    if (found !== null && begin > found.end.getTime()) break
    found = { begin: found?.begin ?? new Date(begin), end: new Date(end) }
  }
  return found
}

/** 0 is Monday, as in the API. */
function weekdayOf(wall: number): number {
  return (new Date(wall).getUTCDay() + 6) % 7
}

/** Offset of *zone* from UTC in milliseconds. */
export function offsetAt(instant: number, zone: string): number {
  const parts = Object.fromEntries(
    clockOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const wall = Date.UTC(parts.year ?? 0, (parts.month ?? 1) - 1, parts.day, parts.hour, parts.minute, parts.second)
  return wall - Math.floor(instant / 1_000) * 1_000
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  clocks.set(zone, made)
  return made
}

/**
 * The instant at which a clock in *zone* shows *wall* (milliseconds, as if in UTC). If the clock is put back, *which* of
 * the two. If it is put forward over *wall*, the instant of the change.
 */
export function toInstant(wall: number, zone: string, which: 'first' | 'last'): number {
  const before = wall - offsetAt(wall - DAY_MS, zone)
  const after = wall - offsetAt(wall + DAY_MS, zone)
  const shown = [before, after].filter((instant) => instant + offsetAt(instant, zone) === wall)
  if (shown.length > 0) return which === 'first' ? Math.min(...shown) : Math.max(...shown)
  let [early, late] = [after, before]
  while (late - early > 1_000) {
    const middle = early + Math.floor((late - early) / 2_000) * 1_000
    if (middle + offsetAt(middle, zone) < wall) early = middle
    else late = middle
  }
  return late
}

/** All time zones that this browser knows. */
export function zones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')]
}

/** The time zone in which times are shown. */
export function ownZone(): string {
  return timeZone.value === 'utc' ? 'UTC' : localZoneName()
}
