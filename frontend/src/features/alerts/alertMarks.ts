import { toSeconds } from '@/api/times'
import type { AlertDetail, Level } from '@/api/types'

export interface Phase {
  level: Level
  /** Epoch seconds; *to* null: it goes on. */
  from: number
  to: number | null
}

interface Moments {
  began: number
  fired: number | null
  ended: number | null
  phases: Phase[]
}

type AlertTimes = Pick<AlertDetail, 'started_at' | 'fired_at' | 'resolved_at' | 'level' | 'timeline'>

/** Start, firing, end and levels of an alert, from its timeline. */
export function momentsOf({ started_at, fired_at, resolved_at, level, timeline }: AlertTimes): Moments {
  const ended = resolved_at === null ? null : toSeconds(resolved_at)
  const turns = timeline.flatMap((entry) =>
    entry.level && ['fired', 'escalated', 'deescalated'].includes(entry.event)
      ? [{ level: entry.level, from: toSeconds(entry.at) }]
      : [],
  )
  if (turns.length === 0 && fired_at !== null) turns.push({ level, from: toSeconds(fired_at) })
  return {
    began: toSeconds(started_at),
    fired: fired_at === null ? null : toSeconds(fired_at),
    ended,
    phases: turns.map((turn, index) => ({ ...turn, to: turns[index + 1]?.from ?? ended })),
  }
}
