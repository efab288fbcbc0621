import { describe, expect, it } from 'vitest'
import type { TimelineEntry } from '@/api/types'
import type { IncidentEntry } from '@/api/incidents'
import { incidentStepsOf, notifiedOf, stepIn, stepsOf } from './timeline'

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

describe('the timeline of an incident', () => {
  const of = (alert_id: number, entry: TimelineEntry): IncidentEntry => ({
    ...entry,
    alert_id,
    server_id: alert_id,
    check_id: null,
    check_in_id: null,
    server_name: `web-${alert_id}`,
    metric: 'cpu',
  })
  const fired = (alert_id: number, at: string) =>
    of(alert_id, { at: `2026-11-25 ${at}`, event: 'fired', level: 'critical', value: 99 })
  const entries = [
    fired(1, '10:00:00'),
    of(1, notified('10:00:02', 'ann')),
    fired(2, '10:00:03'),
    of(2, notified('10:00:03', 'ann')),
    of(2, notified('10:00:04', 'bob')),
    of(1, { at: '2026-11-25 10:00:30', event: 'acknowledged', username: 'ann', channel: 'web_push' }),
    fired(3, '10:02:00'),
  ]

  it('merges what happens to several alerts within a minute, and names each recipient once', () => {
    const steps = incidentStepsOf(entries).map(({ entry, alerts, recipients }) => [
      entry.event,
      alerts?.map(({ alert_id }) => alert_id),
      recipients.map(({ username }) => username),
    ])
    expect(steps).toEqual([
      ['fired', [1, 2], []],
      ['notified', [1, 2], ['ann', 'bob']],
      ['acknowledged', [1], []],
      ['fired', [3], []],
    ])
  })

  it('says who was notified first when, and who acknowledged', () => {
    const rows = notifiedOf(entries).map(({ who, at, ways, confirmed }) => [who, at, ways.length, confirmed])
    expect(rows).toEqual([
      ['ann', '2026-11-25 10:00:02', 1, { at: '2026-11-25 10:00:30', channel: 'web_push' }],
      ['bob', '2026-11-25 10:00:04', 1, null],
    ])
  })
})
