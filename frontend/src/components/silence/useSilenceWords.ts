import { useI18n } from 'vue-i18n'
import { serverDate } from '@/api/clock'
import { toDate } from '@/api/times'
import type { Recurrence, Silenced } from '@/api/types'
import { useFormat } from '@/composables/format'
import { lastToEnd } from './acting'
import type { Times } from './silenceTimes'
import { nextAction } from './silenceTimes'

/** Describes silences in words. */
export function useSilenceWords() {
  const { t } = useI18n()
  const format = useFormat()

  function days(chosen: number[]): string {
    const key = [...chosen].sort().join('')
    if (key === '0123456') return t('silences.repeat.daily')
    if (key === '01234') return t('silences.repeat.workdays')
    if (key === '56') return t('silences.repeat.weekend')
    return [...chosen]
      .sort()
      .map((day) => format.times.value.weekday(day + 1))
      .join(t('silences.repeat.and'))
  }

  /** "Every Sat, Sun at 02:00 for 2 h (UTC)". */
  function repeats({ weekdays, starts, duration, zone }: Recurrence): string {
    return t('silences.repeat.sentence', { days: days(weekdays), starts, duration: format.duration(duration), zone })
  }

  function moment(at: Date, beside?: Date): string {
    const write = format.times.value
    if (beside !== undefined && write.date(beside) === write.date(at)) return write.clock(at)
    const isThisYear = yearOf(write.date(at)) === yearOf(write.date(beside ?? serverDate()))
    return `${write.weekdayOf(at)}${write.and}${isThisYear ? `${write.dayOfYear(at)}${write.and}${write.clock(at)}` : write.dateTime(at)}`
  }

  /** When it is active, now or next, in the selected time zone. */
  function acts(silence: Times, now: number): string {
    const { kind, span } = nextAction(silence, new Date(now))
    if (span === null) return t(`silences.acts.${kind}`)
    const lasts = format.duration(Math.round((span.end.getTime() - span.begin.getTime()) / 1_000))
    if (kind === 'now') {
      const left = format.duration(roundedUp((span.end.getTime() - now) / 1_000))
      return t('silences.acts.now', { end: moment(span.end, new Date(now)), left })
    }
    return t('silences.acts.next', {
      begin: moment(span.begin),
      end: moment(span.end, span.begin),
      when: format.relative(span.begin, now),
      lasts,
    })
  }

  /** "CPU silenced until 18:00": one sentence for each metric, silences of all metrics first. */
  function silenced(acting: Silenced[], now: number): string[] {
    return lastToEnd(acting).map(({ metric, until }) => {
      const end = moment(toDate(until), new Date(now))
      return metric === null
        ? t('silences.mark.all', { end })
        : t('silences.mark.metric', { metric: format.metric(metric), end })
    })
  }

  /** A short form: the first silence, and the number of others. */
  function silencedShortly(acting: Silenced[], now: number): string {
    const [first, ...others] = lastToEnd(acting)
    if (first === undefined) return ''
    const at = toDate(first.until)
    const write = format.times.value
    const end = write.date(at) === write.date(new Date(now)) ? write.clock(at) : write.dayOfYear(at)
    const metric = first.metric === null ? '' : format.metric(first.metric)
    return [metric, t('silences.mark.until', { end }), others.length > 0 ? `+${others.length}` : '']
      .filter(Boolean)
      .join(' ')
  }

  return { silenced, silencedShortly, days, repeats, moment, acts }
}

/** Rounds up to minutes: `now` changes every ten seconds, and a countdown in such steps would distract. */
function roundedUp(seconds: number): number {
  return seconds > 60 ? Math.ceil(seconds / 60) * 60 : seconds
}

const yearOf = (date: string) => /\d{4}/.exec(date)?.[0]
