import { expect, it } from 'vitest'
import { absenceOf, coming, quietOf, valuesOf } from './quietForm'

const QUIET = { from: '23:00', to: '06:30', timezone: 'Asia/Shanghai', level: 'critical' as const }

it('hours that are not set begin with those of most people', () => {
  expect(valuesOf(null, 'Europe/Berlin')).toEqual({
    isOn: false,
    from: '22:00',
    to: '07:00',
    timezone: 'Europe/Berlin',
  })
})

it('hours stay as they are', () => {
  expect(quietOf(valuesOf(QUIET, 'UTC'))).toEqual(QUIET)
  expect(quietOf({ ...valuesOf(QUIET, 'UTC'), isOn: false })).toBeNull()
})

it('absences that have ended are not sent again, and the next is first', () => {
  const [past, now, next] = [
    { starts_at: '2030-01-01 00:00:00', ends_at: '2030-01-02 00:00:00' },
    { starts_at: '2030-01-03 00:00:00', ends_at: '2030-01-05 00:00:00' },
    { starts_at: '2030-02-01 00:00:00', ends_at: '2030-02-05 00:00:00' },
  ]
  expect(coming([next, past, now], Date.UTC(2030, 0, 4))).toEqual([now, next])
})

it('an absence is sent in UTC', () => {
  expect(absenceOf(new Date('2030-01-01T08:00:00+08:00'), new Date('2030-01-02T00:00:00Z'))).toEqual({
    starts_at: '2030-01-01 00:00:00',
    ends_at: '2030-01-02 00:00:00',
  })
})
