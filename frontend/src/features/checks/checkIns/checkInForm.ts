import type { CheckIn, NewCheckIn } from '@/api/checks'
import { ownZone } from '@/components/silence/schedule'
import { looksLikeCron } from './cron'

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

export type Problem = 'needed' | 'period' | 'schedule' | 'grace'

/** What is wrong with a form, by field. The server has the last word. */
export function problemsOf(values: CheckInValues): Partial<Record<keyof CheckInValues, Problem>> {
  const found: [keyof CheckInValues, Problem | false][] = [
    ['name', values.name.trim() === '' && 'needed'],
    ['period', values.mode === 'period' && !(values.period >= 5) && 'period'],
    ['schedule', values.mode === 'schedule' && !looksLikeCron(values.schedule) && 'schedule'],
    ['grace', !(values.grace >= 1) && 'grace'],
  ]
  return Object.fromEntries(found.filter(([, problem]) => problem !== false))
}
