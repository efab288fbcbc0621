import type { AlertDetail, TimelineEntry } from '@/api/types'

/** A person by e-mail, or a channel by its name. */
export interface Told {
  username: string | null
  address: string | null
  channel: string
}

/** One thing that happened; *told*: everybody who was told, or could not be for the same reason, within a minute of it. */
export interface Step {
  /** `began`: the first of the samples that made it fire. */
  entry: Omit<TimelineEntry, 'event'> & { event: TimelineEntry['event'] | 'began' }
  told: Told[]
}

const TOGETHER_MS = 60_000

/** Oldest first. A rack that dies tells forty people: they make one step, not forty. */
export function stepsOf({ started_at, timeline }: Pick<AlertDetail, 'started_at' | 'timeline'>): Step[] {
  const steps: Step[] = [{ entry: { at: started_at, event: 'began' }, told: [] }]
  for (const entry of timeline) {
    const before = steps.at(-1)
    const told = entry.event === 'notified' || entry.event === 'parked' ? [{ username: entry.username ?? null, address: entry.recipient ?? null, channel: entry.channel ?? '' }] : []
    const continues = before?.entry.event === entry.event && before.entry.note === entry.note && told.length > 0 && timeOf(entry) - timeOf(before.entry) <= TOGETHER_MS
    if (continues) before.told.push(...told)
    else steps.push({ entry, told })
  }
  return steps
}

function timeOf({ at }: { at: string }): number {
  return Date.parse(at)
}
