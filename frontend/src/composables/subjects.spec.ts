import { describe, expect, it } from 'vitest'
import { hostOf, keyOf, ownerOf, pageOf, scopeOf, subjectOf, subjectOfScope } from './subjects'

const ofServer = { server_id: 7, check_id: null, check_in_id: null }
const ofCheck = { server_id: 7, check_id: 9, check_in_id: null }
const ofCheckIn = { server_id: null, check_id: null, check_in_id: 11 }

describe('what an alert is about', () => {
  it('is the check, also if it has a server', () => {
    expect([ofServer, ofCheck, ofCheckIn].map(subjectOf)).toEqual([
      { kind: 'server', id: 7 },
      { kind: 'check', id: 9 },
      { kind: 'check_in', id: 11 },
    ])
  })

  it('has a page', () =>
    expect([ofServer, ofCheck, ofCheckIn].map((ids) => pageOf(subjectOf(ids)))).toEqual([
      '/servers/7',
      '/checks/9',
      '/check-ins/11',
    ]))

  it('has live values for a server alone', () =>
    expect([ofServer, ofCheck, ofCheckIn].map(hostOf)).toEqual([7, null, null]))

  it('names the server of a check', () => expect([ofServer, ofCheck, ofCheckIn].map(ownerOf)).toEqual([null, 7, null]))

  it('gives each pending alert its own key', () => {
    const pending = { id: null, metric: 'up' }
    expect(new Set([ofServer, ofCheck, ofCheckIn].map((ids) => keyOf({ ...ids, ...pending }))).size).toBe(3)
  })
})

describe('the scope of a check', () => {
  it('leads back to the check', () => {
    expect(subjectOfScope(scopeOf({ kind: 'check_in', id: 11 }))).toEqual({ kind: 'check_in', id: 11 })
    expect(subjectOfScope(scopeOf())).toBeUndefined()
    expect(subjectOfScope({ tag: 'web' })).toBeUndefined()
    expect(subjectOfScope({ check_id: 0 })).toEqual({ kind: 'check', id: 0 })
  })
})
