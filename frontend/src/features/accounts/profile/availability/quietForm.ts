import { toDate, toWritten } from '@/api/times'
import type { Profile } from '@/api/types'

export type Quiet = NonNullable<Profile['quiet']>
export type Absence = Profile['away'][number]

export type QuietValues = Pick<Quiet, 'from' | 'to' | 'timezone'> & { isOn: boolean }

/** *zone*: that of the user's clock, for hours that are new. */
export function valuesOf(quiet: Quiet | null, zone: string): QuietValues {
  const { from, to, timezone } = quiet ?? { from: '22:00', to: '07:00', timezone: zone }
  return { isOn: quiet !== null, from, to, timezone }
}

/** What is critical never waits: with a lower level the hours would hold nothing back. */
export function quietOf({ isOn, from, to, timezone }: QuietValues): Quiet | null {
  return isOn ? { from, to, timezone, level: 'critical' } : null
}

/** Those that have not ended, the next first: the server refuses others. */
export function coming(away: Absence[], now: number): Absence[] {
  return away
    .filter(({ ends_at }) => toDate(ends_at).getTime() > now)
    .toSorted((one, other) => (one.starts_at < other.starts_at ? -1 : 1))
}

export const absenceOf = (from: Date, to: Date): Absence => ({ starts_at: toWritten(from), ends_at: toWritten(to) })
