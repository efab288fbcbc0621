import { describe, expect, it } from 'vitest'
import type { Check } from '@/api/checks'
import { toCheck, valuesOf } from './checkForm'

const check: Check = {
  id: 4,
  name: 'Shop',
  kind: 'http',
  target: 'https://shop.example/',
  interval: 60,
  timeout: 10,
  attempts: 2,
  server_id: 7,
  server_name: 'web-7',
  expect: { status: 200, text: null, record: null },
  state: 'up',
  failures: 0,
  last: null,
  failed: null,
  next_run_at: '2026-01-01 00:00:00',
  created_at: '2026-01-01 00:00:00',
  may_change: true,
  depends_on: [],
}

describe('the form of a check', () => {
  it('sends the whole check', () => {
    expect(toCheck(valuesOf(check))).toEqual({
      name: 'Shop',
      kind: 'http',
      target: 'https://shop.example/',
      interval: 60,
      timeout: 10,
      attempts: 2,
      server_id: 7,
      depends_on: [],
      expect: { status: 200, text: null },
    })
  })

  it('begins with an http check every minute', () =>
    expect(toCheck({ ...valuesOf(), name: ' a ', target: ' http://a ' })).toMatchObject({
      name: 'a',
      target: 'http://a',
      interval: 60,
      attempts: 2,
      expect: null,
    }))

  it('expects what the kind can have, alone', () => {
    const values = { ...valuesOf(check), record: '192.0.2.1', text: 'ok' }
    expect(toCheck({ ...values, kind: 'dns' }).expect).toEqual({ record: '192.0.2.1' })
    expect(toCheck({ ...values, kind: 'tcp' }).expect).toBeNull()
  })

  it('sends a status that is no number as one that is refused', () =>
    expect(toCheck({ ...valuesOf(check), status: 'fine' }).expect).toMatchObject({ status: 0 }))
})
