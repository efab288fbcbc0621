import type { AlertDetail, TimelineEntry } from '@/api/types'

/** A user by e-mail address, or a channel by name. */
export interface Recipient {
  username: string | null
  address: string | null
  channel: string
}

/** One event. *recipients*: those with the same delivery within a minute. */
export interface Step {
  /** `began`: the first sample that crossed the threshold. */
  entry: Omit<TimelineEntry, 'event'> & { event: TimelineEntry['event'] | 'began' }
  recipients: Recipient[]
}

const TOGETHER_MS = 60_000

/** Oldest first. Forty notified recipients make one entry. */
export function stepsOf({ started_at, timeline }: Pick<AlertDetail, 'started_at' | 'timeline'>): Step[] {
  const steps: Step[] = [{ entry: { at: started_at, event: 'began' }, recipients: [] }]
  for (const entry of timeline) {
    const before = steps.at(-1)
    const recipients =
      entry.event === 'notified' || entry.event === 'parked'
        ? [{ username: entry.username ?? null, address: entry.recipient ?? null, channel: entry.channel ?? '' }]
        : []
    const continues =
      before?.entry.event === entry.event &&
      before.entry.note === entry.note &&
      recipients.length > 0 &&
      timeOf(entry) - timeOf(before.entry) <= TOGETHER_MS
    if (continues) before.recipients.push(...recipients)
    else steps.push({ entry, recipients })
  }
  return steps
}

/** What the note of an escalation's step says. *n*: 0 for the last resort. *isAgain*: in a repetition. */
export function stepIn(note: string): { n: number; name: string; isAgain: boolean } | undefined {
  const [whole, n, name = '', again] = /^(?:step (\d+)|last resort) of (.+?)( \(again\))?$/s.exec(note) ?? []
  return whole === undefined ? undefined : { n: Number(n ?? 0), name, isAgain: again !== undefined }
}

function timeOf({ at }: { at: string }): number {
  return Date.parse(at)
}
