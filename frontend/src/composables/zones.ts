import { localZoneName, timeZone } from './times'

/** All time zones that this browser knows. */
export function zones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')]
}

/** The time zone in which times are shown. */
export function ownZone(): string {
  return timeZone.value === 'utc' ? 'UTC' : localZoneName()
}

/** The clock and the weekday (0 is Sunday) of a moment in a zone with an IANA name. */
export function clockIn(timeZone: string, at: Date): { clock: string; day: number } {
  const part = (wanted: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...wanted }).format(at)
  const name = part({ weekday: 'short' })
  return { clock: part({ hour: '2-digit', minute: '2-digit' }), day: DAYS.indexOf(name) }
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
