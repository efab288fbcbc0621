import { aListedSilence } from '@/testing/aSilence'
import { expect, it } from 'vitest'
import { isWithin, nextAction } from './silenceTimes'

const at = (written: string) => new Date(`${written}Z`)
const silence = aListedSilence({
  starts_at: '2026-11-25 00:00:00',
  ends_at: '2026-11-28 00:00:00',
  windows: [
    { start: '2026-11-25 22:00:00', end: '2026-11-26 02:00:00' },
    { start: '2026-11-26 22:00:00', end: '2026-11-27 02:00:00' },
  ],
})
const spanAt = (now: string) => {
  const { kind, span } = nextAction(silence, at(now))
  return [kind, span?.begin.toISOString().slice(0, 16)]
}

it('acts in the windows that the server computed, which may have begun or ended since', () => {
  expect(spanAt('2026-11-25T21:59:59')).toEqual(['next', '2026-11-25T22:00'])
  expect(spanAt('2026-11-25T22:00:00')).toEqual(['now', '2026-11-25T22:00'])
  expect(spanAt('2026-11-26T02:00:00')).toEqual(['next', '2026-11-26T22:00'])
  expect(spanAt('2026-11-27T02:00:00')).toEqual(['over', undefined])
  expect(spanAt('2026-11-28T00:00:00')).toEqual(['over', undefined])
})

it('never acts without a window, or if it cannot be read', () => {
  expect(nextAction({ ...silence, windows: [] }, at('2026-11-25T01:00:00')).kind).toBe('never')
  expect(nextAction({ ...silence, readable: false }, at('2026-11-25T01:00:00')).kind).toBe('unreadable')
})

it('is within its period from its beginning to before its end, also between windows', () => {
  const times = ['2026-11-24T23:59:59', '2026-11-25T00:00:00', '2026-11-26T12:00:00', '2026-11-28T00:00:00']
  expect(times.map((now) => isWithin(silence, at(now)))).toEqual([false, true, true, false])
})
