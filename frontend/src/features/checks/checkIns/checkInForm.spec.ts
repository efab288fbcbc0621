import { describe, expect, it } from 'vitest'
import { toCheckIn, valuesOf } from './checkInForm'

describe('the form of a check-in', () => {
  it('sends a period, or a schedule with its time zone', () => {
    const values = { ...valuesOf(), name: ' Backup ', timezone: 'Asia/Shanghai' }
    expect(toCheckIn(values)).toEqual({
      name: 'Backup',
      period: 86_400,
      schedule: null,
      timezone: null,
      grace: 3_600,
      server_id: null,
    })
    expect(toCheckIn({ ...values, mode: 'schedule', schedule: ' 0 4 * * * ' })).toEqual({
      name: 'Backup',
      period: null,
      schedule: '0 4 * * *',
      timezone: 'Asia/Shanghai',
      grace: 3_600,
      server_id: null,
    })
  })
})
