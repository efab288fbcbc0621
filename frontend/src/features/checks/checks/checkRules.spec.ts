import { describe, expect, it } from 'vitest'
import type { Policy } from '@/api/types'
import { rulesOf } from './checkRules'

const policy = (id: number, metric: string, scope: Policy['scope']) => ({ id, metric, scope }) as Policy
const host = { id: 7, tags: ['shop'] }
const chosen = (policies: Policy[], server?: typeof host) =>
  rulesOf('check', { id: 4 }, server, policies).map(({ metric, policy: held }) => [metric, held && held.id])

describe('the rules of a check', () => {
  it('are the built-in ones, and none for the response time', () =>
    expect(chosen([])).toEqual([
      ['up', undefined],
      ['ms', null],
      ['cert_days', undefined],
    ]))

  it('are those of the narrowest scope', () => {
    const policies = [
      policy(1, 'ms', {}),
      policy(2, 'ms', { tag: 'shop' }),
      policy(3, 'ms', { server_id: 7 }),
      policy(4, 'ms', { check_id: 4 }),
      policy(5, 'up', { check_id: 9 }),
      policy(6, 'cert_days', { check_in_id: 4 }),
    ]
    expect(chosen(policies, host)[1]).toEqual(['ms', 4])
    expect(chosen(policies.slice(0, 3), host)[1]).toEqual(['ms', 3])
    expect(chosen(policies.slice(0, 2), host)[1]).toEqual(['ms', 2])
    expect(chosen(policies.slice(0, 3))).toEqual([
      ['up', undefined],
      ['ms', 1],
      ['cert_days', undefined],
    ])
    expect(chosen(policies, host)[0]).toEqual(['up', undefined])
  })

  it('are those of the oldest policy where two tags cover it', () => {
    expect(
      chosen([policy(9, 'ms', { tag: 'b' }), policy(8, 'ms', { tag: 'a' })], { id: 7, tags: ['a', 'b'] })[1],
    ).toEqual(['ms', 8])
  })

  it('of a check-in is one', () =>
    expect(rulesOf('check_in', { id: 4 }, undefined, [policy(1, 'check_in', { check_in_id: 4 })])).toMatchObject([
      { metric: 'check_in', policy: { id: 1 } },
    ]))
})
