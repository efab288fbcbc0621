import type { CheckIn } from '@/api/checks'
import { toDate } from '@/api/times'
import { useFormat } from '@/composables/format'
import { useI18n } from 'vue-i18n'
import { readCron } from './cron'

type Timed = Pick<CheckIn, 'period' | 'schedule'>

/** Says when a job is due. */
export function useScheduleWords() {
  const { t } = useI18n()
  const format = useFormat()

  function weekdays(days: number[]): string {
    if (days.join('') === '12345') return t('checkIns.cron.workdays')
    return days.map((day) => format.times.value.weekday(day)).join(t('silences.repeat.and'))
  }

  /** "every 5 min", "daily at 02:30", or the expression itself. */
  return function scheduleWords({ period, schedule }: Timed): string {
    if (schedule === null) return format.every(period ?? 0)
    const read = readCron(schedule)
    switch (read?.kind) {
      case 'minutes':
        return format.every(read.every * 60)
      case 'hours':
        return t('checkIns.cron.hours', { span: format.duration(read.every * 3_600), minute: read.minute })
      case 'hourly':
        return t('checkIns.cron.hourly', { minute: read.minute })
      case 'daily':
        return t('checkIns.cron.daily', { at: read.at })
      case 'weekly':
        return t('checkIns.cron.weekly', { days: weekdays(read.days), at: read.at })
      case 'monthly':
        return t('checkIns.cron.monthly', { day: read.day, at: read.at })
      default:
        return schedule
    }
  }
}

const SHORT = 10

/** How long a run took: "0.4 s", "3 min 20 s". */
export function useRunTime() {
  const { t } = useI18n()
  const format = useFormat()

  return (seconds: number) =>
    seconds < SHORT ? t('common.time.second', { n: Math.round(seconds * 10) / 10 }) : format.duration(seconds)
}

/** Whether a report should have come by now, an epoch time in milliseconds. */
export function isOverdue({ state, next_due_at: due }: Pick<CheckIn, 'state' | 'next_due_at'>, now: number): boolean {
  return state === 'late' || (state === 'down' && due !== null && toDate(due).getTime() <= now)
}
