import { describe, expect, it } from 'vitest'
import type { ServerPolicy } from '@/api/types'
import { thresholdsOf } from './thresholds'

function policy(metric: string, warning: number | null, critical: number | null, enabled = true): ServerPolicy {
  return {
    id: 1,
    metric,
    warning,
    critical,
    direction: 'above',
    sustained_for: 300,
    clear_margin: 5,
    clear_for: 60,
    scope: {},
    enabled,
    because: 'everything',
    overridden: [],
    kind: 'threshold',
    over: null,
    within: null,
    days: null,
    beyond: null,
    level: null,
    note: '',
    escalation_id: null,
  }
}

const named = (metric: string, level: string) => `${metric} ${level}`

describe('the thresholds of a chart', () => {
  it('are not those of a forecast, which compares another value', () => {
    expect(
      thresholdsOf([{ ...policy('disk', 100, null), kind: 'forecast' }, policy('disk', 85, 95)], ['disk'], named),
    ).toEqual([
      { level: 'warning', value: 85 },
      { level: 'critical', value: 95 },
    ])
  })

  it('are those of the policy that applies to its metric', () => {
    expect(thresholdsOf([policy('cpu', 70, 85), policy('memory', 80, 90)], ['cpu'], named)).toEqual([
      { level: 'warning', value: 70 },
      { level: 'critical', value: 85 },
    ])
  })

  it('leave out a level without one, a policy that is off, and a metric that nothing watches', () => {
    expect(thresholdsOf([policy('cpu', null, 85)], ['cpu'], named)).toEqual([{ level: 'critical', value: 85 }])
    expect(thresholdsOf([policy('cpu', 70, 85, false)], ['cpu'], named)).toEqual([])
    expect(thresholdsOf([policy('offline', null, null)], ['cpu'], named)).toEqual([])
  })

  it('are drawn once where the lines share them', () => {
    const both = [policy('disk:/', 85, null), policy('disk:/var', 85, null)]
    expect(thresholdsOf(both, ['disk:/', 'disk:/var'], named)).toEqual([{ level: 'warning', value: 85 }])
  })

  it('say whose they are where the lines differ', () => {
    expect(thresholdsOf([policy('load1', 8, null)], ['load1', 'load5'], named)).toEqual([
      { level: 'warning', value: 8, label: 'load1 warning' },
    ])
  })
})
