import type { Backtest } from '@/api/types'

const DAY_MS = 86_400_000

/** Every UTC day of a backtest, oldest first. The server omits days without alerts. */
export function everyDay(perDay: Backtest['per_day'], days: number, now: number): { date: string; count: number }[] {
  const counts = new Map(perDay.map(({ date, count }) => [date, count]))
  const first = Math.floor((now - days * DAY_MS) / DAY_MS)
  const last = Math.floor(now / DAY_MS)
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const date = new Date((first + index) * DAY_MS).toISOString().slice(0, 10)
    return { date, count: counts.get(date) ?? 0 }
  })
}
