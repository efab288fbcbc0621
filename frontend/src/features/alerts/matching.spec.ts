import { describe, expect, it } from 'vitest'
import { matches } from './matching'

const any = { q: '', level: '', serverId: null, tag: '', metric: '' }
const alert = { server_id: 7, server_name: 'Fra-DB-01', metric: 'disk:/var', level: 'warning' as const }

describe('what is pending and wanted', () => {
  it('is everything without a filter', () => {
    expect(matches(alert, any, [])).toBe(true)
  })

  it.each([
    [{ q: ' fra-db ' }, { q: 'iad' }],
    [{ q: '/VAR' }, { q: '/home' }],
    [{ level: 'warning' }, { level: 'critical' }],
    [{ serverId: 7 }, { serverId: 8 }],
    [{ tag: 'db' }, { tag: 'web' }],
    [{ metric: 'disk:/var' }, { metric: 'disk' }],
  ])('%o and not %o', (yes, no) => {
    expect([matches(alert, { ...any, ...yes }, ['db']), matches(alert, { ...any, ...no }, ['db'])]).toEqual([true, false])
  })
})
