import { describe, expect, it } from 'vitest'
import type { Policy } from '@/api/types'
import { blankPolicy, copyOf, thresholdsFor, toBacktest, toChange, toNewPolicy, valuesOf } from './policyForm'

const everything = { tag: null, server_id: null }
const stored: Policy = {
  id: 3, metric: 'cpu', warning: 70, critical: 85, direction: 'above', sustained_for: 300, clear_margin: 5, clear_for: 60, scope: {}, enabled: true,
}

describe('a policy in its form', () => {
  it('is the same after a round trip', () => {
    expect(toChange(valuesOf(stored), stored)).toEqual({})
    expect(toNewPolicy(valuesOf({ ...stored, scope: { tag: 'db' } })).scope).toEqual({ tag: 'db', server_id: null })
  })

  it('sends only what was changed, a threshold that was taken away included', () => {
    expect(toChange({ ...valuesOf(stored), warning: null, critical: 90 }, stored)).toEqual({ warning: null, critical: 90 })
    expect(toChange({ ...valuesOf(stored), scope: { tag: null, server_id: 7 } }, stored)).toEqual({ scope: { tag: null, server_id: 7 } })
  })

  it('is copied for another server, which is still to be chosen', () => {
    expect(copyOf({ ...stored, warning: 60, enabled: false })).toEqual({ ...valuesOf(stored), warning: 60, enabled: false, scope: { tag: null, server_id: 0 } })
    expect(toBacktest(copyOf(stored))).toBeNull()
  })

  it('sends no thresholds for offline', () => {
    expect(toNewPolicy({ ...blankPolicy(everything), metric: 'offline' })).toMatchObject({ metric: 'offline', warning: null, critical: null })
  })

  it('begins another metric with what is usual for it', () => {
    expect(thresholdsFor('disk:/var')).toEqual({ warning: 85, critical: 95, direction: 'above', clear_margin: 5 })
    expect(thresholdsFor('load1')).toEqual({ warning: null, critical: null, direction: 'above', clear_margin: 0 })
    expect(thresholdsFor('disk_free').direction).toBe('below')
  })
})

describe('what can be backtested', () => {
  it('needs a metric, a threshold and a scope', () => {
    const values = blankPolicy(everything)
    expect(toBacktest({ ...values, metric: '' })).toBeNull()
    expect(toBacktest({ ...values, warning: null, critical: null })).toBeNull()
    expect(toBacktest({ ...values, scope: { tag: null, server_id: 0 } })).toBeNull()
    expect(toBacktest({ ...values, metric: 'offline' })).not.toBeNull()
  })

  it('is asked for a disabled policy too', () => {
    expect(toBacktest({ ...blankPolicy(everything), enabled: false })?.enabled).toBe(true)
  })
})
