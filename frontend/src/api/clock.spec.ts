import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { forgetServerTime, noteServerTime, serverNow } from './clock'

const HOUR = 3_600_000
const AT = Date.parse('2026-11-26T12:00:00Z')

/** An answer that the server gave at *serverTime*, received now. */
const answered = (serverTime: number, took = 40) =>
  noteServerTime(new Date(serverTime).toUTCString(), Date.now() - took, Date.now())

describe('the time by the server', () => {
  beforeEach(() => vi.useFakeTimers({ now: AT }))
  afterEach(() => {
    forgetServerTime()
    vi.useRealTimers()
  })

  it('is the browser’s own where the two agree, to the second that a header can say', () => {
    for (const off of [0, 900, -900, 0]) answered(AT + off)
    expect(serverNow()).toBe(AT)
  })

  it('is known from the first answer, and right whatever the browser says', () => {
    answered(AT - 3 * HOUR)
    expect(Math.abs(serverNow() - (AT - 3 * HOUR))).toBeLessThan(1_000)
  })

  it('is not moved by an answer out of a cache, nor by one that says no time', () => {
    for (let n = 0; n < 3; n += 1) answered(AT)
    answered(AT - 24 * HOUR)
    noteServerTime(undefined, AT, AT)
    noteServerTime('yesterday', AT, AT)
    expect(serverNow()).toBe(AT)
  })

  it('follows a browser’s clock that is set right meanwhile', () => {
    for (let n = 0; n < 5; n += 1) answered(AT + HOUR)
    for (let n = 0; n < 3; n += 1) answered(AT)
    expect(serverNow()).toBe(AT)
  })
})
