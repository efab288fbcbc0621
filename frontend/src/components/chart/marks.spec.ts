import { describe, expect, it } from 'vitest'
import { toSeconds } from '@/api/times'
import type { Alert, Silence } from '@/api/types'
import { alertMarks, silenceMarks } from './marks'

const alert = (metric: string, fired_at: string | null, resolved_at: string | null) =>
  ({ metric, level: 'warning', started_at: '2026-11-25 09:55:00', fired_at, resolved_at }) as Alert

describe('alerts on the time axis', () => {
  it('belong to the chart of their metric; being offline belongs to all', () => {
    const alerts = [
      alert('cpu', '2026-11-25 10:00:00', null),
      alert('disk', '2026-11-25 10:00:00', null),
      alert('offline', '2026-11-25 10:00:00', '2026-11-25 10:05:00'),
    ]
    const marks = alertMarks(alerts, ['cpu'], ({ metric }) => metric)
    expect(marks.map(({ label, to }) => [label, to])).toEqual([
      ['cpu', null],
      ['offline', toSeconds('2026-11-25 10:05:00')],
    ])
  })
})

describe('an alert that is pending', () => {
  it('is not there yet', () => {
    expect(alertMarks([alert('cpu', null, null)], ['cpu'], () => '')).toEqual([])
  })
})

describe('silences on the time axis', () => {
  const silence = { starts_at: '2026-11-24 00:00:00', ends_at: '2026-11-30 00:00:00', recurrence: null } as Silence
  const [start, end] = [toSeconds('2026-11-25 00:00:00'), toSeconds('2026-11-27 12:00:00')]

  it('are one span', () => {
    expect(silenceMarks(silence, start, end, 'x')).toEqual([
      { kind: 'silence', from: toSeconds(silence.starts_at), to: toSeconds(silence.ends_at), label: 'x' },
    ])
  })

  it('are a window each day where they recur', () => {
    const nightly = {
      ...silence,
      recurrence: { weekdays: [0, 1, 2, 3, 4, 5, 6], starts: '02:00', duration: 3_600, zone: 'UTC' },
    }
    const marks = silenceMarks(nightly, start, end, 'x')
    expect(marks.map(({ from }) => new Date(from * 1000).toISOString())).toEqual([
      '2026-11-25T02:00:00.000Z',
      '2026-11-26T02:00:00.000Z',
      '2026-11-27T02:00:00.000Z',
    ])
  })

  it('are not there when they lie outside', () => {
    expect(silenceMarks(silence, toSeconds('2026-12-01 00:00:00'), toSeconds('2026-12-02 00:00:00'), 'x')).toEqual([])
    expect(silenceMarks(silence, toSeconds('2026-11-20 00:00:00'), toSeconds('2026-11-21 00:00:00'), 'x')).toEqual([])
  })
})
