import { describe, expect, it } from 'vitest'
import { EVERYTHING } from '@/composables/subjects'
import { aPolicy } from '@/testing/aPolicy'
import { blankPolicy, copyOf, thresholdsFor, toBacktest, toChange, toNewPolicy, valuesOf } from './policyForm'

const everything = { tag: null, server_id: null }
const stored = aPolicy()

describe('a policy in its form', () => {
  it('is the same after a round trip', () => {
    expect(toChange(valuesOf(stored), stored)).toEqual({})
    expect(toNewPolicy(valuesOf({ ...stored, scope: { tag: 'db' } })).scope).toEqual({ ...EVERYTHING, tag: 'db' })
  })

  it('sends only what was changed, a threshold that was taken away included', () => {
    expect(toChange({ ...valuesOf(stored), warning: null, critical: 90 }, stored)).toEqual({
      warning: null,
      critical: 90,
      clear_margin: null,
    })
    expect(toChange({ ...valuesOf(stored), scope: { tag: null, server_id: 7 } }, stored)).toEqual({
      scope: { tag: null, server_id: 7 },
    })
  })

  it('leaves the margin to the server until one is typed', () => {
    expect(toNewPolicy(blankPolicy(everything)).clear_margin).toBeNull()
    expect(toNewPolicy({ ...blankPolicy(everything), clear_margin: 0 }).clear_margin).toBe(0)
  })

  it('lets a stored default follow the thresholds, and keeps what a user chose', () => {
    const load = { ...stored, metric: 'load1', warning: 2, critical: 4, usual_margin: 0.2 }
    const usual = { ...load, clear_margin: 0.2 }
    expect(toChange({ ...valuesOf(usual), critical: 6 }, usual)).toEqual({ critical: 6, clear_margin: null })
    expect(toChange({ ...valuesOf(usual), note: 'restart it' }, usual)).toEqual({ note: 'restart it' })
    const chosen = { ...load, clear_margin: 0.5 }
    expect(toChange({ ...valuesOf(chosen), critical: 6 }, chosen)).toEqual({ critical: 6 })
    expect(toChange({ ...valuesOf(stored), clear_margin: 3 }, stored)).toEqual({ clear_margin: 3 })
    expect(toChange({ ...valuesOf(chosen), clear_margin: null }, chosen)).toEqual({ clear_margin: null })
  })

  it('is copied for another server, which is still to be chosen', () => {
    expect(copyOf({ ...stored, warning: 60, enabled: false })).toEqual({
      ...valuesOf(stored),
      warning: 60,
      enabled: false,
      scope: { ...EVERYTHING, server_id: 0 },
    })
    expect(toBacktest(copyOf(stored))).toBeNull()
  })

  it('sends no thresholds for offline', () => {
    expect(toNewPolicy({ ...blankPolicy(everything), metric: 'offline' })).toMatchObject({
      metric: 'offline',
      warning: null,
      critical: null,
    })
  })

  it('sends the options of its kind alone', () => {
    const options = { over: null, within: null, days: null, beyond: null, level: null }
    expect(toNewPolicy(blankPolicy(everything))).toMatchObject({ kind: 'threshold', ...options })
    expect(toNewPolicy({ ...blankPolicy(everything), kind: 'forecast' })).toMatchObject({
      ...options,
      over: 86_400,
      within: 172_800,
    })
    const range = { ...blankPolicy(everything), kind: 'range' as const, warning: null, critical: null }
    expect(toNewPolicy(range)).toMatchObject({ ...options, days: 7, beyond: 0.5, level: 'warning', clear_margin: null })
    expect(toBacktest(range)).not.toBeNull()
  })

  it('begins a kind with what is usual for it', () => {
    expect(thresholdsFor('disk', 'forecast')).toMatchObject({ warning: 100, critical: null })
    expect(thresholdsFor('load1', 'forecast')).toMatchObject({ warning: null, critical: null })
    expect(thresholdsFor('cpu', 'range')).toMatchObject({ warning: null, critical: null, direction: 'above' })
  })

  it('begins another metric with what is usual for it', () => {
    expect(thresholdsFor('disk:/var')).toEqual({ warning: 85, critical: 95, direction: 'above', clear_margin: null })
    expect(thresholdsFor('load1')).toEqual({ warning: null, critical: null, direction: 'above', clear_margin: null })
    expect(thresholdsFor('disk_free').direction).toBe('below')
    expect(thresholdsFor('unit:nginx.service')).toEqual({
      warning: null,
      critical: 0.5,
      direction: 'below',
      clear_margin: null,
    })
    expect(thresholdsFor('container:web:up').direction).toBe('below')
    expect(thresholdsFor('check_in').direction).toBe('above')
  })
})

describe('what can be backtested', () => {
  it('needs a metric, a threshold and a scope', () => {
    const values = blankPolicy(everything)
    expect(toBacktest({ ...values, metric: '' })).toBeNull()
    expect(toBacktest({ ...values, warning: null, critical: null })).toBeNull()
    expect(toBacktest({ ...values, scope: { ...EVERYTHING, server_id: 0 } })).toBeNull()
    expect(toBacktest({ ...values, metric: 'offline' })).not.toBeNull()
  })

  it('is asked for a disabled policy too', () => {
    expect(toBacktest({ ...blankPolicy(everything), enabled: false })?.enabled).toBe(true)
  })
})
