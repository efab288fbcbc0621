import { describe, expect, it } from 'vitest'
import { aListedSilence } from '@/testing/aSilence'
import { initialValues, toNewSilence, valuesOf } from './silenceForm'

const now = new Date('2026-11-25T10:20:00Z')
const scope = { tag: null, server_id: 7 }
const silence = aListedSilence({ scope: { server_id: 7 }, metric: 'cpu', reason: 'rebuild' })

describe('the form of a silence', () => {
  it('from now on leaves the beginning to the server', () => {
    expect(toNewSilence(initialValues(scope, 'cpu', now), now)).toEqual({
      scope,
      metric: 'cpu',
      starts_at: null,
      ends_at: '2026-11-25 12:20:00',
      reason: '',
      recurrence: null,
    })
  })

  it('sends a span in UTC, and no metric for all of them', () => {
    const values = { ...initialValues(scope, null, now), mode: 'span' as const }
    expect(toNewSilence(values, now)).toMatchObject({
      metric: null,
      starts_at: '2026-11-25 11:00:00',
      ends_at: '2026-11-25 13:00:00',
    })
  })

  it('sends the windows of a recurring one alone', () => {
    const values = {
      ...initialValues(scope, null, now),
      mode: 'repeat' as const,
      weekdays: [6, 0],
      zone: 'Asia/Shanghai',
    }
    expect(toNewSilence(values, now).recurrence).toEqual({
      weekdays: [0, 6],
      starts: '02:00',
      duration: 7_200,
      zone: 'Asia/Shanghai',
    })
  })

  it('duplicates one as long as it was, from now on', () => {
    const values = valuesOf(silence, now)
    expect(values).toMatchObject({
      mode: 'now',
      lasts: 7_200,
      metric: 'cpu',
      reason: 'rebuild',
      scope: { tag: null, server_id: 7 },
    })
  })

  it('duplicates a recurring one with its windows', () => {
    const recurrence = { weekdays: [0], starts: '03:00', duration: 600, zone: 'UTC' }
    expect(valuesOf({ ...silence, recurrence }, now)).toMatchObject({ mode: 'repeat', ...recurrence })
  })
})
