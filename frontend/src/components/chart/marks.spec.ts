import { describe, expect, it } from 'vitest'
import { toSeconds } from '@/api/times'
import type { Alert } from '@/api/types'
import { aListedSilence } from '@/testing/aSilence'
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

it('silences on the time axis are the windows that the server computed', () => {
  const windows = ['2026-11-25', '2026-11-26'].map((day) => ({ start: `${day} 02:00:00`, end: `${day} 03:00:00` }))
  const [first, second] = windows.map(({ start, end }) => ({ from: toSeconds(start), to: toSeconds(end) }))
  expect(silenceMarks(aListedSilence({ windows }), 'x')).toEqual([
    { kind: 'silence', ...first, label: 'x' },
    { kind: 'silence', ...second, label: 'x' },
  ])
})
