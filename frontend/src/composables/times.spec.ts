import { describe, expect, it } from 'vitest'
import { fromWall, timeWriter, toWall, zoneWords } from './times'

const at = new Date('2026-11-26T16:05:09Z')

describe('the one way to write times', () => {
  it.each([
    ['en', '26 Nov 2026, 16:05', '26 Nov 2026, 16:05:09', '26 Nov', 'Nov 2026', 'Thu'],
    ['zh-CN', '2026-11-26 16:05', '2026-11-26 16:05:09', '11-26', '2026-11', '周四'],
  ])('in %s', (locale, dateTime, exact, day, month, weekday) => {
    const write = timeWriter(locale, 'utc')
    expect([
      write.dateTime(at),
      write.exact(at),
      write.dayOfYear(at),
      write.monthOfYear(at),
      write.weekdayOf(at),
    ]).toEqual([dateTime, exact, day, month, weekday])
  })

  it('is that of the local clock unless UTC was chosen', () => {
    const local = new Date(2026, 0, 2, 3, 4, 5)
    expect(timeWriter('en', 'local').exact(local)).toBe('2 Jan 2026, 03:04:05')
    expect(timeWriter('en', 'utc').exact(local)).toBe(timeWriter('en', 'local').exact(toWall(local, 'utc')))
  })
})

it('a picker shows the hands of the zone in use, and what is picked is that moment there', () => {
  const wall = toWall(at, 'utc')
  expect([wall.getHours(), wall.getMinutes()]).toEqual([16, 5])
  expect(fromWall(wall, 'utc')).toEqual(at)
  expect(fromWall(toWall(at, 'local'), 'local')).toEqual(at)
})

it.each([
  [-120, /^UTC\+2, /],
  [210, /^UTC−3:30, /],
  [-345, /^UTC\+5:45, /],
])('a zone %i minutes west is named %s', (west, words) => {
  const there = Object.assign(new Date(at), { getTimezoneOffset: () => west })
  expect(zoneWords('local', there)).toMatch(words)
  expect(zoneWords('utc', there)).toBe('UTC')
})
