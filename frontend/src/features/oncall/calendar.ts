import type { Shift } from '@/api/oncall'
import { toDate } from '@/api/times'
import type { Zone } from '@/composables/times'
import { fromWall, toWall } from '@/composables/times'

/** A bar of a week. *left*, *width*: percent of it. No *shift*: nobody is on call. */
export interface Bar {
  start: Date
  end: Date
  left: number
  width: number
  shift?: Shift
}

/** *days*: when each of the seven begins, and the end of the last one. */
export interface Week {
  days: Date[]
  bars: Bar[]
}

const WEEK = 7

/** When the days of *count* weeks begin, from the Monday of the week of *now* on, *later* weeks ahead; and the end. */
export function daysFrom(now: Date, later: number, count: number, zone: Zone): Date[] {
  const wall = toWall(now, zone)
  const monday = wall.getDate() - ((wall.getDay() + 6) % WEEK) + later * WEEK
  return Array.from({ length: count * WEEK + 1 }, (_, day) =>
    fromWall(new Date(wall.getFullYear(), wall.getMonth(), monday + day), zone),
  )
}

/** The weeks of these *days*, with bars for shifts and for gaps between them; nothing before the rota *begins*. */
export function weeksOf(shifts: Shift[], days: Date[], begins: Date): Week[] {
  return Array.from({ length: Math.floor(days.length / WEEK) }, (_, week) => {
    const own = days.slice(week * WEEK, week * WEEK + WEEK + 1)
    return { days: own, bars: barsOf(shifts, own, begins) }
  })
}

function barsOf(shifts: Shift[], days: Date[], begins: Date): Bar[] {
  const last = days.at(-1)!
  const bars: Bar[] = []
  let until = later(days[0]!, begins)
  const add = (start: Date, end: Date, shift?: Shift) => {
    if (start >= end) return
    const left = placeOf(start, days)
    bars.push({ start, end, left, width: placeOf(end, days) - left, shift })
  }
  for (const shift of shifts) {
    const start = later(toDate(shift.starts_at), until)
    const end = earlier(toDate(shift.ends_at), last)
    if (start >= end) continue
    add(until, start)
    add(start, end, shift)
    until = end
  }
  add(until, last)
  return bars
}

/** Where a moment is in a week, in percent. All days are equally wide, also those of 23 or 25 hours. */
export function placeOf(at: Date, days: Date[]): number {
  const next = days.findIndex((day) => day > at)
  if (next <= 0) return next === 0 ? 0 : 100
  const [begun, ends] = [days[next - 1]!.getTime(), days[next]!.getTime()]
  return ((next - 1 + (at.getTime() - begun) / (ends - begun)) / (days.length - 1)) * 100
}

const later = (one: Date, other: Date) => (one > other ? one : other)
const earlier = (one: Date, other: Date) => (one < other ? one : other)
