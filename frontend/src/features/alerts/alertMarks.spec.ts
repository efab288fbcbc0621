import { describe, expect, it } from 'vitest'
import { toSeconds } from '@/api/times'
import type { TimelineEntry } from '@/api/types'
import { momentsOf } from './alertMarks'

const at = (time: string) => toSeconds(`2026-11-25 ${time}`)
const entry = (time: string, event: TimelineEntry['event'], level: TimelineEntry['level']): TimelineEntry => ({
  at: `2026-11-25 ${time}`,
  event,
  level,
})
const alert = {
  started_at: '2026-11-25 10:00:00',
  fired_at: '2026-11-25 10:05:00',
  resolved_at: null,
  level: 'critical' as const,
}

describe('what is marked on the chart of an alert', () => {
  it('is each level it had, up to the next', () => {
    const timeline = [
      entry('10:05:00', 'fired', 'warning'),
      entry('10:05:09', 'notified', undefined),
      entry('10:20:00', 'escalated', 'critical'),
      entry('10:40:00', 'deescalated', 'warning'),
      entry('11:00:00', 'resolved', 'warning'),
    ]
    expect(momentsOf({ ...alert, resolved_at: '2026-11-25 11:00:00', timeline })).toEqual({
      began: at('10:00:00'),
      fired: at('10:05:00'),
      ended: at('11:00:00'),
      phases: [
        { level: 'warning', from: at('10:05:00'), to: at('10:20:00') },
        { level: 'critical', from: at('10:20:00'), to: at('10:40:00') },
        { level: 'warning', from: at('10:40:00'), to: at('11:00:00') },
      ],
    })
  })

  it('goes on while it fires', () => {
    expect(momentsOf({ ...alert, timeline: [entry('10:05:00', 'fired', 'critical')] }).phases).toEqual([
      { level: 'critical', from: at('10:05:00'), to: null },
    ])
  })

  it('is the level it has where the timeline is silent', () => {
    expect(momentsOf({ ...alert, timeline: [] }).phases).toEqual([
      { level: 'critical', from: at('10:05:00'), to: null },
    ])
  })
})
