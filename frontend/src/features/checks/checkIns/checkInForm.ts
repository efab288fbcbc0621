import type { CheckIn, NewCheckIn } from '@/api/checks'
import { ownZone } from '@/composables/zones'

export interface CheckInValues {
  name: string
  mode: 'period' | 'schedule'
  /** Seconds. */
  period: number
  schedule: string
  timezone: string
  grace: number
  server_id: number | null
}

/** The values of a form: those of *checkIn*, or of a new one, which is daily. */
export function valuesOf(checkIn?: CheckIn): CheckInValues {
  return {
    name: checkIn?.name ?? '',
    mode: checkIn?.schedule ? 'schedule' : 'period',
    period: checkIn?.period ?? 86_400,
    schedule: checkIn?.schedule ?? '0 3 * * *',
    timezone: checkIn?.timezone ?? ownZone(),
    grace: checkIn?.grace ?? 3_600,
    server_id: checkIn?.server_id ?? null,
  }
}

/** The whole check-in, as it is sent: a period, or else a schedule with its time zone. */
export function toCheckIn({ name, mode, period, schedule, timezone, grace, server_id }: CheckInValues): NewCheckIn {
  const timed =
    mode === 'period'
      ? { period, schedule: null, timezone: null }
      : { period: null, schedule: schedule.trim(), timezone }
  return { name: name.trim(), ...timed, grace, server_id }
}
