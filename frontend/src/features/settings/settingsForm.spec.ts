import { expect, test } from 'vitest'
import { changesOf, shortened, valuesOf } from './settingsForm'

const SETTINGS = {
  second_factor: 'optional' as const,
  offline_after: 90, reminder_after: 14_400, digest_wait: 10,
  retention: { raw_days: 2, chunk_days: 400, ten_minute_days: 90, hour_days: 1_825, audit_days: 400 },
}

test('only what was changed is sent', () => {
  const values = { ...valuesOf(SETTINGS), offline_after: 120, hour_days: 3_650 }
  expect(changesOf(values, SETTINGS)).toEqual({ offline_after: 120, retention: { hour_days: 3_650 } })
  expect(changesOf({ ...valuesOf(SETTINGS), second_factor: 'admins' }, SETTINGS)).toEqual({ second_factor: 'admins' })
  expect(changesOf(valuesOf(SETTINGS), SETTINGS)).toEqual({})
})

test('keeping data for a shorter time is asked about first', () => {
  expect(shortened({ ...valuesOf(SETTINGS), chunk_days: 30 }, SETTINGS)).toBe(true)
  expect(shortened({ ...valuesOf(SETTINGS), audit_days: 30 }, SETTINGS)).toBe(true)
  expect(shortened({ ...valuesOf(SETTINGS), chunk_days: 500, offline_after: 30 }, SETTINGS)).toBe(false)
})
