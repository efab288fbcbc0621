import { useI18n } from 'vue-i18n'
import { serverDate } from '@/api/clock'
import type { Rota, Shift } from '@/api/oncall'
import { toDate } from '@/api/times'
import { useSilenceWords } from '@/components/silence/useSilenceWords'
import { useFormat } from '@/composables/format'
import { clockIn } from '@/composables/zones'
import { numbersOf } from './rotaForm'

/** Describes rotas in words. */
export function useRotaWords() {
  const { t } = useI18n()
  const format = useFormat()
  const { days, moment } = useSilenceWords()

  /** "Every 7 days, on Monday at 09:00 (Europe/Berlin)": by the clocks of *zone*. Only days with hours count. */
  function handOver(at: Date, zone: string, n: number, hasHours: boolean): string {
    const { clock, day } = clockIn(zone, at)
    const weekday = format.times.value.weekday(day, 'long')
    const given = { n, weekday, time: clock, zone: zone.replaceAll('_', ' ') }
    if (hasHours) return t('oncall.turn.counted', given, n)
    return n % 7 === 0 ? t('oncall.turn.weeks', { ...given, n: n / 7 }, n / 7) : t('oncall.turn.days', given, n)
  }

  /** "Monday to Friday 09:00–18:00; weekends 10:00–16:00". Hours past midnight end on the next day. */
  function hours({ hours: given }: Pick<Rota, 'hours'>): string {
    if (given === null || given === undefined) return t('oncall.form.always')
    return given
      .map(({ days: names, from, to }) => `${days(numbersOf(names))} ${from}–${to}`)
      .join(t('oncall.reading.semicolon'))
  }

  /** "Mon, 1 Dec, 09:00 – Mon, 8 Dec, 09:00". */
  function span({ starts_at, ends_at }: Pick<Shift, 'starts_at' | 'ends_at'>): string {
    const [start, end] = [toDate(starts_at), toDate(ends_at)]
    return `${moment(start)} – ${moment(end, start)}`
  }

  const until = ({ ends_at }: Pick<Shift, 'ends_at'>) =>
    t('oncall.rotas.until', { time: moment(toDate(ends_at), serverDate()) })
  const from = ({ starts_at }: Pick<Shift, 'starts_at'>) =>
    t('oncall.rotas.from', { time: moment(toDate(starts_at), serverDate()) })

  return { handOver, hours, span, until, from }
}
