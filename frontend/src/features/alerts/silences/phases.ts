import type { Silence } from '@/api/types'
import { nextAction } from '@/components/silence/silenceTimes'

export type Phase = 'active' | 'upcoming' | 'past'
export const PHASES: Phase[] = ['active', 'upcoming', 'past']

const PHASE_OF = { now: 'active', next: 'upcoming', over: 'past', never: 'past', unreadable: 'upcoming' } as const

/** Silences by phase: active by end, upcoming by start with unreadable ones first, past by end, newest first. */
export function byPhase(silences: Silence[], now: number): Record<Phase, Silence[]> {
  const found: Record<Phase, { silence: Silence; order: number }[]> = { active: [], upcoming: [], past: [] }
  for (const silence of silences) {
    const { kind, span } = nextAction(silence, new Date(now))
    const order =
      kind === 'now'
        ? span.end.getTime()
        : kind === 'next'
          ? span.begin.getTime()
          : kind === 'unreadable'
            ? 0
            : -Date.parse(silence.ends_at)
    found[PHASE_OF[kind]].push({ silence, order })
  }
  const sorted = (phase: Phase) =>
    found[phase].sort((one, other) => one.order - other.order).map(({ silence }) => silence)
  return { active: sorted('active'), upcoming: sorted('upcoming'), past: sorted('past') }
}
