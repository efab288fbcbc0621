import { describe, expect, it } from 'vitest'
import type { Outlook } from '@/api/types'
import { toSeconds } from '@/api/times'
import { isSilent, KIND_NAMES, KINDS, linesOf } from './known'

const outlook = (more: Partial<Outlook>): Outlook => ({
  policy_id: 1,
  metric: 'disk',
  kind: 'forecast',
  line: [],
  bounds: null,
  known: 72,
  needed: 72,
  each: 600,
  warning_at: null,
  critical_at: null,
  ...more,
})

describe.each(KIND_NAMES)('%s', (name) => {
  const { fields, hasThresholds, linesOf: ofKind, words } = KINDS[name]

  it.each(['en', 'zh-CN'] as const)('has all its words (%s)', (locale) => {
    const needed = ['name', 'title', 'hint', 'limit', 'began', ...fields.map((field) => field.name)]
    if (ofKind !== undefined) needed.push('chart')
    if (!hasThresholds) needed.push('clearHint')
    expect(Object.keys(words[locale])).toEqual(expect.arrayContaining(needed))
  })
})

describe('what policies see in a chart', () => {
  const points = [
    { at: '2026-11-25 10:00:00', value: 60 },
    { at: '2026-11-27 10:00:00', value: 100 },
  ]

  it('is the line of a forecast', () =>
    expect(linesOf([outlook({ line: points }), outlook({ metric: 'cpu', line: points })], ['disk'])).toEqual([
      { points: points.map(({ at, value }) => ({ at: toSeconds(at), value })) },
    ]))

  it('is each bound of a range, across all of it', () => {
    const bounds = { least: 10, greatest: 20, lower: 5, upper: 25 }
    const lines = linesOf([outlook({ kind: 'range', bounds })], ['disk'])
    expect(lines.map((line) => line.points.map(({ value }) => value))).toEqual([
      [5, 5],
      [25, 25],
    ])
  })

  it('is nothing while too little is known', () => {
    expect([outlook({}), outlook({ kind: 'range' }), outlook({ line: points })].map(isSilent)).toEqual([
      true,
      true,
      false,
    ])
  })
})
