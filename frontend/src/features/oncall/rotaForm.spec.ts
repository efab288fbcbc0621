import { describe, expect, it } from 'vitest'
import type { Rota } from '@/api/oncall'
import { toWritten } from '@/api/times'
import { numbersOf, officeHours, toRota, valuesOf } from './rotaForm'

const NOW = new Date('2026-12-02T15:00:00Z')
const ROTA: Rota = {
  id: 3,
  name: 'Night',
  timezone: 'Europe/Berlin',
  starts_at: '2026-11-02 08:00:00',
  turn: { days: 1 },
  hours: [{ days: ['mon', 'sun'], from: '22:00', to: '06:00' }],
  user_ids: [5, 2],
  overrides: [{ user_id: 2, starts_at: '2026-12-01 00:00:00', ends_at: '2026-12-02 00:00:00' }],
  users: [],
  ics_path: '/api/rotas/3.ics?token=x',
}

describe('the form of a rota', () => {
  it('sends the rota as it is, without overrides, which stay', () => {
    const { name, timezone, starts_at, turn, hours, user_ids } = ROTA
    expect(toRota(valuesOf(ROTA, NOW))).toEqual({ name, timezone, starts_at, turn, hours, user_ids })
  })

  it('begins with turns of a week that are under way', () => {
    const { days, hours, user_ids, starts_at } = valuesOf(undefined, NOW)
    expect([days, hours, user_ids]).toEqual([7, [], []])
    expect(starts_at.getDay()).toBe(1)
    expect(starts_at.getHours()).toBe(9)
    expect(NOW.getTime() - starts_at.getTime()).toBeLessThan(7 * 86_400_000)
  })

  it('has begun also on Monday morning', () => {
    const early = new Date(2026, 10, 30, 8, 59)
    expect(valuesOf(undefined, early).starts_at.getDate()).toBe(23)
  })

  it('sends no hours for always', () => {
    expect(toRota({ ...valuesOf(ROTA, NOW), hours: [] }).hours).toBeNull()
    expect(toRota({ ...valuesOf(ROTA, NOW), hours: [officeHours()] }).hours).toEqual([
      { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '18:00' },
    ])
  })

  it('sends the first hand-over in UTC', () =>
    expect(toRota({ ...valuesOf(ROTA, NOW), starts_at: NOW }).starts_at).toBe(toWritten(NOW)))
})

it('weekdays are in the order of the week', () => expect(numbersOf(['sun', 'wed', 'mon'])).toEqual([0, 2, 6]))
