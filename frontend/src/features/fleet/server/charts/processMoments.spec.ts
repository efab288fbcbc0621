import { describe, expect, it } from 'vitest'
import type { Alert } from '@/api/types'
import { momentsOf, nearest } from './processMoments'

const top = [{ name: 'mysqld', cpu: 80, memory: 20 }]
const alert = (id: number, fired_at: string | null, processes?: typeof top) => ({ id, fired_at, processes }) as Alert

describe('moments with processes', () => {
  it('are in order of time, without alerts that kept none', () => {
    const found = momentsOf([
      alert(4, '2030-01-01 14:00:00', top),
      alert(3, '2030-01-01 13:00:00', []),
      alert(2, '2030-01-01 12:00:00', top),
      alert(1, null, top),
      alert(0, '2030-01-01 11:00:00'),
    ])
    expect(found.map(({ id }) => id)).toEqual([2, 4])
  })

  it('are one where several alerts fired together', () => {
    expect(momentsOf([alert(2, '2030-01-01 12:00:00', top), alert(1, '2030-01-01 12:00:00', top)])).toHaveLength(1)
  })

  it('are found by the nearest time', () => {
    expect([0, 14, 16, 99].map((at) => nearest([10, 20, 30], at))).toEqual([0, 0, 1, 2])
    expect(nearest([], 5)).toBeUndefined()
  })
})
