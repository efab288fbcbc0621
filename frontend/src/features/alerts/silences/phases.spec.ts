import { describe, expect, it } from 'vitest'
import { aListedSilence } from '@/testing/aSilence'
import { byPhase } from './phases'

const silence = (id: number, starts_at: string, ends_at: string, windows = [{ start: starts_at, end: ends_at }]) =>
  aListedSilence({ id, starts_at, ends_at, windows })
const now = Date.parse('2026-11-25T10:00:00Z')

describe('silences by phase', () => {
  it('puts what ends first, comes first, ended last on top', () => {
    const found = byPhase(
      [
        silence(1, '2026-11-25 09:00:00', '2026-11-25 15:00:00'),
        silence(2, '2026-11-25 09:00:00', '2026-11-25 11:00:00'),
        silence(3, '2026-11-27 09:00:00', '2026-11-27 11:00:00'),
        silence(4, '2026-11-26 09:00:00', '2026-11-30 11:00:00'),
        silence(5, '2026-11-20 09:00:00', '2026-11-21 11:00:00'),
        silence(6, '2026-11-20 09:00:00', '2026-11-24 11:00:00'),
      ],
      now,
    )
    expect(Object.values(found).map((list) => list.map(({ id }) => id))).toEqual([
      [2, 1],
      [4, 3],
      [6, 5],
    ])
  })

  it('shows one that cannot be read before all that is to come', () => {
    const lost = { ...silence(1, '2026-11-20 09:00:00', '2026-11-30 11:00:00'), readable: false }
    const next = silence(2, '2026-11-26 09:00:00', '2026-11-30 11:00:00')
    expect(byPhase([next, lost], now)).toEqual({ active: [], upcoming: [lost, next], past: [] })
  })

  it('keeps a recurring one among the upcoming between its windows', () => {
    const nightly = silence(1, '2026-11-01 00:00:00', '2026-12-31 00:00:00', [
      { start: '2026-11-25 22:00:00', end: '2026-11-25 23:00:00' },
    ])
    expect(byPhase([nightly], now).upcoming).toEqual([nightly])
    expect(byPhase([nightly], Date.parse('2026-11-25T22:30:00Z')).active).toEqual([nightly])
  })
})
