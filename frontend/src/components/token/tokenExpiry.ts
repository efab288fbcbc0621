import { toWritten } from '@/api/times'

const DAY = 86_400_000
export const LIVES = ['30', '90', '365', 'until', 'never'] as const
/** How long a new token lives: a number of days, until a chosen time, or for ever. */
export type Life = (typeof LIVES)[number]

/** The `expires_at` of a token that is created *now*. Null: never, and also while no time is chosen. */
export function expiryOf(life: Life, until: Date | null, now: number): string | null {
  if (life === 'never') return null
  if (life === 'until') return until && toWritten(until)
  return toWritten(new Date(now + Number(life) * DAY))
}

export const isChosen = (life: Life, until: Date | null): boolean => life !== 'until' || until !== null
