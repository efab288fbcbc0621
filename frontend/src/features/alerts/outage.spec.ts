import { describe, expect, it } from 'vitest'
import { outageOf } from './outage'

describe('why a check-in is down', () => {
  it.each([
    [
      'expected at 2026-11-27 23:29:25 (Asia/Shanghai)',
      { kind: 'missed', at: '2026-11-27 23:29:25', zone: 'Asia/Shanghai' },
    ],
    ['reported failure', { kind: 'failed', status: null, said: '' }],
    ['reported failure, exit status 3', { kind: 'failed', status: '3', said: '' }],
    ['reported failure, exit status 3: no space: /var', { kind: 'failed', status: '3', said: 'no space: /var' }],
    ['reported failure: no space', { kind: 'failed', status: null, said: 'no space' }],
  ])('is read from “%s”', (note, outage) => expect(outageOf(note)).toEqual(outage))

  it('is not in what people note', () => expect(outageOf('looking into it')).toBeUndefined())
})
