import { expect, it } from 'vitest'
import { chartMetricOf } from './chartMetric'

const OF_HOST = { check_id: null, check_in_id: null }

it('draws the metric of the alert, and of an offline server the CPU with its gap', () => {
  expect(['disk:/var', 'offline'].map((metric) => chartMetricOf({ ...OF_HOST, metric }))).toEqual(['disk:/var', 'cpu'])
  expect(['up', 'ms'].map((metric) => chartMetricOf({ metric, check_id: 1, check_in_id: null }))).toEqual([
    'check_up',
    'ms',
  ])
})

it('draws nothing of what has no samples', () => {
  expect(chartMetricOf({ ...OF_HOST, metric: 'clock_error' })).toBeNull()
  expect(chartMetricOf({ metric: 'check_in', check_id: null, check_in_id: 1 })).toBeNull()
})
