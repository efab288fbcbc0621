import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Scope } from '@/api/types'
import { toDate } from '@/api/times'
import { instanceOf, knownMetric, unitOf, readingsOf } from './metrics'
import { percent, TIE } from './percent'
import { subjectOfScope } from './subjects'
import { timeWriter, timeZone } from './times'
import { DAY, HOUR, MINUTE, useDuration } from './useDuration'
import type { NameOf } from './useScopeNames'

const PREFIXES = ['B', 'kB', 'MB', 'GB', 'TB']
const ABSENT = '–'

function writtenNumber(value: number): string {
  if (value !== 0 && (Math.abs(value) < 0.01 || Math.abs(value) >= 1e12)) return value.toPrecision(4)
  return String(Math.round(value * 100) / 100)
}

/** The power of a thousand for the unit of a number of bytes. */
function powerOf(value: number): number {
  let power = 0
  while (Math.abs(value) >= 999.5 && power < PREFIXES.length - 1) {
    value /= 1000
    power += 1
  }
  return power
}

function writtenBytes(value: number): string {
  const power = powerOf(value)
  return `${Number((value / 1000 ** power).toPrecision(3))}${TIE}${PREFIXES[power]}`
}

/** Decimals with which each value is rounded by less than a hundredth of the smallest step between them. */
function decimalsFor(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const step = Math.min(...sorted.slice(1).map((value, index) => value - sorted[index]!))
  let decimals = 0
  while (decimals < 12 && values.some((value) => Math.abs(Number(value.toFixed(decimals)) - value) > step / 100))
    decimals += 1
  return decimals
}

/** Kept, because creating one takes longer than the rest of a table cell. */
const relativeFormats = new Map<string, Intl.RelativeTimeFormat>()

function relativeFormat(locale: string): Intl.RelativeTimeFormat {
  const made = relativeFormats.get(locale) ?? new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
  relativeFormats.set(locale, made)
  return made
}

/** Formats values, times and names in the selected language. */
export function useFormat() {
  const { t, locale } = useI18n()
  const duration = useDuration()
  /** Formats times in the selected language and time zone. */
  const times = computed(() => timeWriter(locale.value, timeZone.value))

  function metric(name: string): string {
    const known = knownMetric(name)
    if (name === 'drill') return t('alerts.mark.drill')
    return known === undefined
      ? name
      : `${known[locale.value === 'en' ? 'en' : 'zh-CN']} ${instanceOf(name, known)}`.trim()
  }

  /** "every 5 min". In Chinese "每分钟", not "每 1 分钟". */
  const every = (seconds: number) => t('checks.every', { span: duration(seconds) }).replace(/^每 1 (\S+)$/, '每$1')

  /** A value with the unit of *name*: "92.4 %", "1.2 MB/s", "71 °C". A dash if there is none. */
  function value(name: string, amount: number | null | undefined): string {
    if (amount === null || amount === undefined || !Number.isFinite(amount)) return ABSENT
    switch (unitOf(name)) {
      case 'percent':
        return percent(writtenNumber(amount))
      case 'bytes':
        return writtenBytes(amount)
      case 'bytes_per_second':
        return `${writtenBytes(amount)}/s`
      case 'milliseconds':
        return `${writtenNumber(amount)}${TIE}ms`
      case 'days':
        return t('common.time.day', { n: writtenNumber(amount) })
      case 'seconds':
        return duration(amount)
      case 'celsius':
        return `${writtenNumber(amount)}${TIE}°C`
      case 'none':
        return reading(name, amount) ?? writtenNumber(amount)
    }
  }

  /** What 0 and 1 mean for a metric that is good or bad. Averages of it are a share of the time. */
  function reading(name: string, amount: number): string | undefined {
    const words = readingsOf(name)?.[locale.value === 'en' ? 'en' : 'zh-CN']
    if (words === undefined) return undefined
    return amount <= 0 ? words[0] : amount >= 1 ? words[1] : percent(writtenNumber(amount * 100))
  }

  /** Several different thresholds, precise enough to differ: "1.95 MB/s", "2.00 MB/s". */
  function values(name: string, amounts: (number | null)[]): string[] {
    const known = amounts.filter((amount) => amount !== null)
    const unit = unitOf(name)
    if (known.length < 2) return amounts.map((amount) => value(name, amount))
    if (unit === 'seconds') return amounts.map((amount) => (amount === null ? ABSENT : duration(amount, 4)))
    const power = unit === 'bytes' || unit === 'bytes_per_second' ? powerOf(Math.max(...known.map(Math.abs))) : 0
    const decimals = decimalsFor(known.map((amount) => amount / 1000 ** power))
    const suffix = {
      bytes: `${TIE}${PREFIXES[power]}`,
      bytes_per_second: `${TIE}${PREFIXES[power]}/s`,
      milliseconds: `${TIE}ms`,
      celsius: `${TIE}°C`,
      days: t('common.time.day', { n: '' }),
      none: '',
    }
    return amounts.map((amount) => {
      if (amount === null) return ABSENT
      const written = (amount / 1000 ** power).toFixed(decimals)
      if (unit === 'days') return t('common.time.day', { n: written })
      return unit === 'percent' ? percent(written) : `${written}${suffix[unit]}`
    })
  }

  /** With seconds, for events. */
  function dateTime(written: string | Date): string {
    return times.value.exact(typeof written === 'string' ? toDate(written) : written)
  }

  /** Without seconds, for times that users enter. */
  function minute(written: string | Date): string {
    return times.value.dateTime(typeof written === 'string' ? toDate(written) : written)
  }

  /** "3 minutes ago", "in 2 hours". In Chinese a number stands apart: "5 天后". */
  function relative(written: string | Date, now: number): string {
    return relativeWords(written, now).replace(/\d(?=[^\d\s])/, (digit) =>
      locale.value === 'en' ? digit : `${digit} `,
    )
  }

  function relativeWords(written: string | Date, now: number): string {
    const at = (typeof written === 'string' ? toDate(written) : written).getTime()
    const seconds = (at - now) / 1000
    // *now* changes every ten seconds: a newer event must not be in the future.
    if (seconds > -5 && seconds <= 10) return t('common.time.now')
    const words = relativeFormat(locale.value)
    const size = Math.abs(seconds)
    if (size < MINUTE) return words.format(Math.round(seconds), 'second')
    if (size < HOUR) return words.format(Math.round(seconds / MINUTE), 'minute')
    if (size < DAY) return words.format(Math.round(seconds / HOUR), 'hour')
    return words.format(Math.round(seconds / DAY), 'day')
  }

  /** `relative`, or the date if that is a day or more away. */
  function when(written: string, now: number): string {
    const at = toDate(written)
    return Math.abs(at.getTime() - now) >= DAY * 1000 ? times.value.date(at) : relative(at, now)
  }

  /** The scope of a policy or silence. *nameOf* returns the name of a server, check or check-in. */
  function scope(given: Scope, nameOf: NameOf): string {
    const subject = subjectOfScope(given)
    if (subject !== undefined) return t(`common.scope.${subject.kind}`, { name: nameOf(subject) ?? `#${subject.id}` })
    return given.tag ? t('common.scope.tag', { tag: given.tag }) : t('common.scope.everything')
  }

  return { times, bytes: writtenBytes, metric, value, values, duration, every, dateTime, minute, relative, when, scope }
}
