import { describe, expect, it } from 'vitest'
import { toSeconds } from '@/api/times'
import type { Alert } from '@/api/types'
import { newestValue, shownLevel, wasWorse } from './alertValues'

const started_at = '2026-11-25 10:00:00'
const cpu = { metric: 'cpu', state: 'firing', value: 71, started_at } as const
const sample = { cpu_value: 98, memory_value: null, disk_value: 10 }
const at = (minutes: number) => (toSeconds(started_at) + minutes * 60) * 1_000

describe('the value of an alert', () => {
  it('is the newest of the stream while it fires', () => {
    expect(newestValue(cpu, sample, at(5))).toBe(98)
    expect(newestValue(cpu, undefined, at(5))).toBe(71)
    expect(newestValue({ ...cpu, metric: 'memory' }, sample, at(5))).toBe(71)
    expect(newestValue({ ...cpu, metric: 'disk:/var' }, sample, at(5))).toBe(71)
  })

  it('is the one at its end once it is over', () => {
    expect(newestValue({ ...cpu, state: 'resolved', value: 49 }, sample, at(5))).toBe(49)
  })

  it('is of a silent host how long it has been silent by now, in whole minutes', () => {
    expect(newestValue({ ...cpu, metric: 'offline', value: 90 }, sample, at(9.7))).toBe(540)
    expect(newestValue({ ...cpu, metric: 'offline', value: 90 }, sample, at(0))).toBe(90)
    expect(newestValue({ ...cpu, metric: 'offline', state: 'resolved', value: 1234 }, sample, at(99))).toBe(1234)
  })
})

describe('the worst of an alert', () => {
  it('is its level once it is over', () => {
    const levels = { level: 'warning', peak_level: 'critical' } as const
    expect(shownLevel({ ...levels, state: 'resolved' })).toBe('critical')
    expect(shownLevel({ ...levels, state: 'firing' })).toBe('warning')
    expect(shownLevel({ level: 'warning', peak_level: null, state: 'pending' })).toBe('warning')
  })

  it('is said where it differs from what is shown', () => {
    const write = (value: number | null) => `${Math.round(value ?? 0)} %`
    const alert: Pick<Alert, 'metric' | 'level' | 'peak_level' | 'peak_value'> = {
      metric: 'cpu',
      level: 'warning',
      peak_level: 'warning',
      peak_value: 78.2,
    }
    expect(wasWorse(alert, 49, write)).toBe(true)
    expect(wasWorse(alert, 78.4, write)).toBe(false)
    expect(wasWorse({ ...alert, peak_level: 'critical' }, 78.2, write)).toBe(true)
    expect(wasWorse({ ...alert, metric: 'offline' }, 1, write)).toBe(false)
    expect(wasWorse({ ...alert, peak_level: null, peak_value: null }, 1, write)).toBe(false)
  })
})
