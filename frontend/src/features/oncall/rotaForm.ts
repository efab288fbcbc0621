import type { NewRota, Rota } from '@/api/oncall'
import { toDate, toWritten } from '@/api/times'
import { daysFrom } from './calendar'
import { timeZone } from '@/composables/times'
import { ownZone } from '@/composables/zones'

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const WORKDAYS = [0, 1, 2, 3, 4]
const HAND_OVER_MS = 9 * 3_600_000

/** *weekdays*: 0 is Monday. */
export interface HoursValues {
  weekdays: number[]
  from: string
  to: string
}

export interface RotaValues {
  name: string
  user_ids: number[]
  days: number
  timezone: string
  starts_at: Date
  /** Empty: always. */
  hours: HoursValues[]
}

export const officeHours = (): HoursValues => ({ weekdays: [...WORKDAYS], from: '09:00', to: '18:00' })

/** The values of a form: those of *rota*, or of a new one, which hands over on Mondays at 9:00, and has begun. */
export function valuesOf(rota: Rota | undefined, now: Date): RotaValues {
  if (rota === undefined) {
    const handOver = (week: number) => new Date(daysFrom(now, week, 1, timeZone.value)[0]!.getTime() + HAND_OVER_MS)
    const starts_at = handOver(handOver(0) > now ? -1 : 0)
    return { name: '', user_ids: [], days: 7, timezone: ownZone(), starts_at, hours: [] }
  }
  return {
    name: rota.name,
    user_ids: [...rota.user_ids],
    days: rota.turn.days,
    timezone: rota.timezone,
    starts_at: toDate(rota.starts_at),
    hours: (rota.hours ?? []).map(({ days, from, to }) => ({ weekdays: numbersOf(days), from, to })),
  }
}

/** The rota as it is sent. Its overrides stay. */
export function toRota(values: RotaValues): NewRota {
  const { name, user_ids, days, timezone, starts_at, hours } = values
  return {
    name,
    timezone,
    starts_at: toWritten(starts_at),
    turn: { days },
    hours:
      hours.length === 0
        ? null
        : hours.map(({ weekdays, from, to }) => ({ days: weekdays.map((day) => WEEKDAYS[day]!), from, to })),
    user_ids,
  }
}

/** A member, or a person of an override. */
export const nameIn = ({ users }: Pick<Rota, 'users'>, id: number) =>
  users.find((user) => user.id === id)?.username ?? `#${id}`

export const numbersOf = (days: readonly string[]) =>
  days.map((day) => WEEKDAYS.findIndex((name) => name === day)).sort((one, other) => one - other)
