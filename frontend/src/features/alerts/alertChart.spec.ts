import { toSeconds } from '@/api/times'
import { describe, expect, it } from 'vitest'
import { beginningOf, chartMetricOf, chartRange } from './alertChart'

it('says what began, not always that a threshold was crossed', () => {
  const kinds = ['threshold', 'forecast', 'range'] as const
  expect(kinds.map((kind) => beginningOf({ metric: 'disk', kind }))).toEqual(kinds.map((kind) => `kinds.${kind}.began`))
  expect(['offline', 'up', 'unit:nginx.service'].map((metric) => beginningOf({ metric, kind: 'threshold' }))).toEqual([
    'alerts.event.lastReport',
    'alerts.event.turnedBad',
    'alerts.event.turnedBad',
  ])
})

const OF_HOST = { check_id: null, check_in_id: null }

it('draws the metric of the alert, and of an offline server the CPU with its gap', () => {
  expect(['disk:/var', 'offline'].map((metric) => chartMetricOf({ ...OF_HOST, metric }))).toEqual(['disk:/var', 'cpu'])
  expect(['up', 'ms'].map((metric) => chartMetricOf({ metric, check_id: 1, check_in_id: null }))).toEqual([
    'check_up',
    'ms',
  ])
})

it('draws nothing of what has no samples', () => {
  expect(['clock_error', 'drill'].map((metric) => chartMetricOf({ ...OF_HOST, metric }))).toEqual([null, null])
  expect(chartMetricOf({ metric: 'check_in', check_id: null, check_in_id: 1 })).toBeNull()
})

const at = (time: string) => toSeconds(`2026-11-25 ${time}`)
const now = at('12:00:00') * 1_000

describe('the chart around an alert', () => {
  it('shows ten minutes on either side of a short one', () => {
    const alert = { started_at: '2026-11-25 10:00:00', resolved_at: '2026-11-25 10:05:00' }
    expect(chartRange(alert, undefined, now)).toEqual({ start: at('09:50:00'), end: at('10:15:00') })
  })

  it('reaches back at least as long as it had to last', () => {
    const alert = { started_at: '2026-11-25 10:00:00', resolved_at: '2026-11-25 10:05:00' }
    expect(chartRange(alert, { sustained_for: 3_600, over: null, within: null }, now).start).toBe(at('09:00:00'))
  })

  it('shows what a forecast goes back to, and as far ahead while it fires', () => {
    const alert = { started_at: '2026-11-25 11:00:00', resolved_at: null }
    const policy = { sustained_for: 300, over: 21_600, within: 345_600 }
    expect(chartRange(alert, policy, now)).toEqual({ start: at('05:00:00'), end: at('12:00:00') + 7 * 3_600 })
    expect(chartRange({ ...alert, resolved_at: '2026-11-25 11:30:00' }, policy, now).end).toBe(at('11:40:00'))
  })

  it('ends now while it fires', () => {
    expect(chartRange({ started_at: '2026-11-25 10:00:00', resolved_at: null }, undefined, now)).toEqual({
      start: at('09:30:00'),
      end: at('12:00:00'),
    })
  })
})
