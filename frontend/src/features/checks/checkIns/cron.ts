/** A cron expression that people say in a few words. */
export type Cron =
  | { kind: 'minutes'; every: number }
  | { kind: 'hours'; every: number; minute: number }
  | { kind: 'hourly'; minute: number }
  | { kind: 'daily'; at: string }
  | { kind: 'weekly'; at: string; days: number[] }
  | { kind: 'monthly'; at: string; day: number }

const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const two = (n: number) => String(n).padStart(2, '0')

/** Undefined for those that are not said so simply, which are shown as written. Days: 0 is Sunday. */
export function readCron(schedule: string): Cron | undefined {
  const fields = schedule.trim().split(/\s+/)
  if (fields.length !== 5) return undefined
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const [m, h, d] = [numberIn(minute, 59), numberIn(hour, 23), numberIn(day, 31)]
  const step = (field: string) => numberIn(/^\*\/(\d+)$/.exec(field)?.[1] ?? '', 59)
  const isEveryDay = day === '*' && month === '*' && weekday === '*'

  if (isEveryDay && hour === '*') {
    if (minute === '*') return { kind: 'minutes', every: 1 }
    const every = step(minute)
    if (every && 60 % every === 0) return { kind: 'minutes', every }
    return m === undefined ? undefined : { kind: 'hourly', minute: m }
  }
  const every = step(hour)
  if (isEveryDay && m !== undefined && every && 24 % every === 0) return { kind: 'hours', every, minute: m }
  if (m === undefined || h === undefined || month !== '*') return undefined
  const at = `${two(h)}:${two(m)}`
  if (isEveryDay) return { kind: 'daily', at }
  if (weekday === '*') return d ? { kind: 'monthly', at, day: d } : undefined
  const days = weekdaysIn(weekday)
  return day === '*' && days ? { kind: 'weekly', at, days } : undefined
}

function numberIn(written: string, most: number): number | undefined {
  return /^\d{1,2}$/.test(written) && Number(written) <= most ? Number(written) : undefined
}

/** "1-5", "mon,wed", "0". Sunday is 0 or 7. */
function weekdaysIn(field: string): number[] | undefined {
  const days = new Set<number>()
  for (const part of field.toLowerCase().split(',')) {
    const [from, to] = part.split('-').map(weekdayOf)
    if (from === undefined || (part.includes('-') && (to === undefined || to < from)) || part.split('-').length > 2)
      return undefined
    for (let day = from; day <= (to ?? from); day += 1) days.add(day % 7)
  }
  return [...days].sort()
}

function weekdayOf(written: string): number | undefined {
  const named = DAY_NAMES.indexOf(written)
  return named >= 0 ? named : /^[0-7]$/.test(written) ? Number(written) : undefined
}
