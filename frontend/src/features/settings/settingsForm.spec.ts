import { expect, test } from 'vitest'
import { changesOf, namesIn, shortened, valuesOf } from './settingsForm'

const SETTINGS = {
  second_factor: 'optional' as const,
  default_locale: 'zh-CN' as const,
  prometheus_metrics: ['app_queue', 'mysql_up'],
  offline_after: 90,
  reminder_after: 14_400,
  digest_wait: 10,
  ack_expires: 14_400,
  last_resort: [{ user_id: 5 }],
  retention: { raw_days: 2, chunk_days: 400, ten_minute_days: 90, hour_days: 1_825, audit_days: 400 },
}

test('only what was changed is sent', () => {
  const values = { ...valuesOf(SETTINGS), offline_after: 120, hour_days: 3_650 }
  expect(changesOf(values, SETTINGS)).toEqual({ offline_after: 120, retention: { hour_days: 3_650 } })
  expect(changesOf({ ...valuesOf(SETTINGS), second_factor: 'admins' }, SETTINGS)).toEqual({ second_factor: 'admins' })
  expect(changesOf({ ...valuesOf(SETTINGS), default_locale: 'en' }, SETTINGS)).toEqual({ default_locale: 'en' })
  expect(changesOf({ ...valuesOf(SETTINGS), ack_expires: null }, SETTINGS)).toEqual({ ack_expires: null })
  expect(changesOf(valuesOf(SETTINGS), SETTINGS)).toEqual({})
})

test('the last resort is people and channels, none of them for all administrators', () => {
  const changed = (last_resort: string[]) => changesOf({ ...valuesOf(SETTINGS), last_resort }, SETTINGS)
  expect(changed(['user_id:5'])).toEqual({})
  expect(changed(['channel_id:2', 'user_id:5'])).toEqual({ last_resort: [{ channel_id: 2 }, { user_id: 5 }] })
  expect(changed([])).toEqual({ last_resort: [] })
})

test('metrics of Prometheus are a set: another order is no change', () => {
  const changed = (names: string[]) => changesOf({ ...valuesOf(SETTINGS), prometheus_metrics: names }, SETTINGS)
  expect(changed(['mysql_up', 'app_queue'])).toEqual({})
  expect(changed(['mysql_up'])).toEqual({ prometheus_metrics: ['mysql_up'] })
  expect(changed([])).toEqual({ prometheus_metrics: [] })
})

test('many names can be pasted at once', () => {
  expect(namesIn(['mysql_up', ' a_total,b_total\nmysql_up;c  ', ''])).toEqual(['mysql_up', 'a_total', 'b_total', 'c'])
})

test('keeping data for a shorter time is asked about first', () => {
  expect(shortened({ ...valuesOf(SETTINGS), chunk_days: 30 }, SETTINGS)).toBe(true)
  expect(shortened({ ...valuesOf(SETTINGS), audit_days: 30 }, SETTINGS)).toBe(true)
  expect(shortened({ ...valuesOf(SETTINGS), chunk_days: 500, offline_after: 30 }, SETTINGS)).toBe(false)
})
