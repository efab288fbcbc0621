import { describe, expect, it } from 'vitest'
import type { Check } from '@/api/checks'
import { toCheck, valuesOf } from './checkForm'

const OF_HTTP = {
  status: null,
  statuses: null,
  text: null,
  pattern: null,
  json_path: null,
  json_value: null,
}
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
  expect: { ...OF_HTTP, status: 200, record: null },
  request: null,
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
      expect: { ...OF_HTTP, status: 200 },
      request: null,
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

  it('sends several statuses as they are typed', () =>
    expect(toCheck({ ...valuesOf(check), statuses: ' 200-299,401 ' }).expect).toEqual({
      ...OF_HTTP,
      statuses: '200-299,401',
    }))

  it('keeps a secret header that is stored, unless another is typed', () => {
    const request = {
      method: 'POST',
      headers: [
        { name: 'X-Key', value: null, secret: true },
        { name: 'Accept', value: '', secret: false },
      ],
      body: 'x',
      redirects: 3,
      ca: null,
    }
    const values = valuesOf({ ...check, request })
    expect(values).toMatchObject({ headers: 'Accept: ', secrets: 'X-Key: ••••••' })
    const [secret, other] = request.headers
    expect(toCheck(values).request).toEqual({ ...request, headers: [other, secret] })
    values.secrets = 'X-Key : a:b \n\n'
    expect(toCheck(values).request?.headers?.[1]).toEqual({ name: 'X-Key', value: 'a:b', secret: true })
    expect(toCheck({ ...values, kind: 'tcp' }).request).toBeNull()
  })
})
