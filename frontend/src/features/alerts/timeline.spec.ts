import { describe, expect, it } from 'vitest'
import type { TimelineEntry } from '@/api/types'
import { stepIn, stepsOf } from './timeline'

const notified = (at: string, username: string): TimelineEntry => ({
  at: `2026-11-25 ${at}`,
  event: 'notified',
  username,
  recipient: `${username}@example.org`,
  channel: 'email',
})

describe('the steps of a timeline', () => {
  it('merges recipients notified together', () => {
    const timeline: TimelineEntry[] = [
      { at: '2026-11-25 10:00:00', event: 'fired', level: 'warning', value: 80 },
      notified('10:00:11', 'ann'),
      notified('10:00:12', 'bob'),
      { at: '2026-11-25 10:00:30', event: 'acknowledged', username: 'ann', note: 'mine' },
      notified('14:00:12', 'cem'),
    ]
    const steps = stepsOf({ started_at: '2026-11-25 09:55:00', timeline })
    expect(steps.map(({ entry, recipients: people }) => [entry.event, people.map(({ username }) => username)])).toEqual(
      [
        ['began', []],
        ['fired', []],
        ['notified', ['ann', 'bob']],
        ['acknowledged', []],
        ['notified', ['cem']],
      ],
    )
  })

  it('merges recipients with the same error', () => {
    const parked = (at: string, username: string, note: string): TimelineEntry => ({
      ...notified(at, username),
      event: 'parked',
      note,
    })
    const timeline = [
      notified('10:00:11', 'ann'),
      parked('10:00:11', 'bob', '550'),
      parked('10:00:12', 'cem', '550'),
      parked('10:00:12', 'dan', '552'),
    ]
    const steps = stepsOf({ started_at: '2026-11-25 09:55:00', timeline }).slice(1)
    expect(
      steps.map(({ entry, recipients: people }) => [entry.event, entry.note, people.map(({ username }) => username)]),
    ).toEqual([
      ['notified', undefined, ['ann']],
      ['parked', '550', ['bob', 'cem']],
      ['parked', '552', ['dan']],
    ])
  })

  it('keeps recipients notified hours later apart', () => {
    const steps = stepsOf({
      started_at: '2026-11-25 09:55:00',
      timeline: [notified('10:00:00', 'ann'), notified('14:00:00', 'ann')],
    })
    expect(steps.map(({ entry }) => entry.at)).toEqual([
      '2026-11-25 09:55:00',
      '2026-11-25 10:00:00',
      '2026-11-25 14:00:00',
    ])
  })
})

describe('the note of a step', () => {
  it.each([
    ['step 2 of Night', { n: 2, name: 'Night', isAgain: false }],
    ['step 1 of step 2 of it (again)', { n: 1, name: 'step 2 of it', isAgain: true }],
    ['last resort of Web people', { n: 0, name: 'Web people', isAgain: false }],
  ])('is read: %s', (note, found) => expect(stepIn(note)).toEqual(found))

  it('may be something else', () => expect(stepIn('a step of Night')).toBeUndefined())
})
