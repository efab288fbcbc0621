import type { CheckIn } from '@/api/checks'
import { toDate } from '@/api/times'

/** Whether a report should have come by now, an epoch time in milliseconds. */
export function isOverdue({ state, next_due_at: due }: Pick<CheckIn, 'state' | 'next_due_at'>, now: number): boolean {
  return state === 'late' || (state === 'down' && due !== null && toDate(due).getTime() <= now)
}
