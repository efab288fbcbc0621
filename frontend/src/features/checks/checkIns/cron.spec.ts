import { expect, test } from 'vitest'
import { readCron } from './cron'

test.each([
  ['* * * * *', { kind: 'minutes', every: 1 }],
  ['*/5 * * * *', { kind: 'minutes', every: 5 }],
  ['*/7 * * * *', undefined],
  ['15 * * * *', { kind: 'hourly', minute: 15 }],
  ['5 */6 * * *', { kind: 'hours', every: 6, minute: 5 }],
  ['30 2 * * *', { kind: 'daily', at: '02:30' }],
  [' 0  3 * *  1-5 ', { kind: 'weekly', at: '03:00', days: [1, 2, 3, 4, 5] }],
  ['0 3 * * mon,SUN', { kind: 'weekly', at: '03:00', days: [0, 1] }],
  ['0 3 * * 7', { kind: 'weekly', at: '03:00', days: [0] }],
  ['0 3 * * 5-7', { kind: 'weekly', at: '03:00', days: [0, 5, 6] }],
  ['0 3 1 * *', { kind: 'monthly', at: '03:00', day: 1 }],
  ['0 3 1 * 1', undefined],
  ['0 3 1 6 *', undefined],
  ['0 25 * * *', undefined],
  ['0 3 * * 5-1', undefined],
  ['1,31 * * * *', undefined],
  ['@daily', undefined],
])('%s', (schedule, read) => expect(readCron(schedule)).toEqual(read))
