import { localZoneName, timeZone } from './times'

/** All time zones that this browser knows. */
export function zones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')]
}

/** The time zone in which times are shown. */
export function ownZone(): string {
  return timeZone.value === 'utc' ? 'UTC' : localZoneName()
}
