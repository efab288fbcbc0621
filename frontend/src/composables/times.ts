import { useStorage } from '@vueuse/core'
import { computed } from 'vue'
import { serverDate } from '@/api/clock'

export type Zone = 'local' | 'utc'

/** The selected time zone of all times, stored in this browser. */
export const timeZone = useStorage<Zone>('time-zone', 'local')

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = {
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  'zh-CN': ['日', '一', '二', '三', '四', '五', '六'],
}

const two = (n: number) => String(n).padStart(2, '0')

/** Formats times in each language: "26 Nov 2026, 16:55" and "2026-11-26 16:55". */
export function timeWriter(locale: string, zone: Zone) {
  const isEnglish = locale === 'en'
  const utc = zone === 'utc'
  const year = (at: Date) => (utc ? at.getUTCFullYear() : at.getFullYear())
  const month = (at: Date) => (utc ? at.getUTCMonth() : at.getMonth())
  const day = (at: Date) => (utc ? at.getUTCDate() : at.getDate())

  const clock = (at: Date) =>
    `${two(utc ? at.getUTCHours() : at.getHours())}:${two(utc ? at.getUTCMinutes() : at.getMinutes())}`
  const clockToSecond = (at: Date) => `${clock(at)}:${two(at.getUTCSeconds())}`
  const dayOfYear = (at: Date) =>
    isEnglish ? `${day(at)} ${MONTHS[month(at)]}` : `${two(month(at) + 1)}-${two(day(at))}`
  const monthOfYear = (at: Date) =>
    isEnglish ? `${MONTHS[month(at)]} ${year(at)}` : `${year(at)}-${two(month(at) + 1)}`
  const date = (at: Date) => (isEnglish ? `${dayOfYear(at)} ${year(at)}` : `${year(at)}-${dayOfYear(at)}`)
  const and = isEnglish ? ', ' : ' '

  /** 0 is Sunday. */
  function weekday(number: number, style: 'short' | 'long' = 'short'): string {
    const name = DAYS[isEnglish ? 'en' : 'zh-CN'][number % 7] ?? ''
    if (isEnglish) return style === 'long' ? name : name.slice(0, 3)
    return `${style === 'long' ? '星期' : '周'}${name}`
  }

  return {
    clock,
    clockToSecond,
    dayOfYear,
    monthOfYear,
    date,
    weekday,
    weekdayOf: (at: Date) => weekday(utc ? at.getUTCDay() : at.getDay()),
    /** To the minute. */
    dateTime: (at: Date) => `${date(at)}${and}${clock(at)}`,
    /** With seconds, for events. */
    exact: (at: Date) => `${date(at)}${and}${clockToSecond(at)}`,
    and,
  }
}

export type TimeWriter = ReturnType<typeof timeWriter>

/** The IANA name of the browser's time zone. */
export function localZoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}

/** The selected zone: "UTC", or "UTC+2, Europe/Berlin" at that time. */
export function zoneWords(zone: Zone, at: Date): string {
  const minutes = -at.getTimezoneOffset()
  const name = localZoneName()
  if (zone === 'utc' || (minutes === 0 && name === 'UTC')) return 'UTC'
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${two(rest)}`}, ${name.replaceAll('_', ' ')}`
}

export const zoneInUse = computed(() => zoneWords(timeZone.value, serverDate()))

/** A date that shows in local time what *at* shows in the selected zone. Pickers know local time only. */
export function toWall(at: Date, zone: Zone = timeZone.value): Date {
  if (zone === 'local') return at
  return new Date(
    at.getUTCFullYear(),
    at.getUTCMonth(),
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
    at.getUTCSeconds(),
  )
}

/** The reverse. */
export function fromWall(wall: Date, zone: Zone = timeZone.value): Date {
  if (zone === 'local') return wall
  return new Date(
    Date.UTC(
      wall.getFullYear(),
      wall.getMonth(),
      wall.getDate(),
      wall.getHours(),
      wall.getMinutes(),
      wall.getSeconds(),
    ),
  )
}
