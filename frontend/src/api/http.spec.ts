import { type AxiosAdapter, AxiosError, type InternalAxiosRequestConfig } from 'axios'
import { beforeEach, expect, test } from 'vitest'
import { ApiError } from './envelope'
import { askIn, get, getPage, post, remove, useTokensOf } from './http'

type Answer = { status: number; data?: unknown; headers?: Record<string, string> } | 'unreachable'

let asked: InternalAxiosRequestConfig[] = []
let renewals = 0
let confirmations: boolean[] = []
let lacks = 0
let token: string | null = 'old'

/** Fake network that gives these answers in order. */
function answering(...answers: Answer[]): AxiosAdapter {
  return async (config) => {
    asked.push(config)
    const answer = answers.shift()
    if (answer === undefined || answer === 'unreachable') throw new AxiosError('refused', 'ERR_NETWORK', config)
    const response = { status: answer.status, statusText: '', data: answer.data, headers: answer.headers ?? {}, config }
    if (answer.status >= 400) throw new AxiosError('bad', 'ERR_BAD_REQUEST', config, null, response)
    return response
  }
}

/** The options that send a request to the fake network. */
const over = (...answers: Answer[]) => ({ adapter: answering(...answers) }) as object

const good = (data: unknown, headers = {}): Answer => ({ status: 200, data: { code: 200, msg: 'OK', data }, headers })
const bad = (status: number, reason: string, more = {}, headers = {}): Answer => ({
  status,
  data: { code: status, msg: `it is ${reason}`, data: { reason, ...more } },
  headers,
})

beforeEach(() => {
  asked = []
  renewals = 0
  lacks = 0
  confirmations = []
  token = 'old'
  useTokensOf({
    token: () => token,
    renew: () => {
      renewals += 1
      return Promise.resolve(token)
    },
    confirm: () => Promise.resolve(confirmations.shift() ?? false),
    lacksFactor: () => void (lacks += 1),
  })
})

test('the data of an envelope is what is answered, asked for with the token and in the language shown', async () => {
  const network = over(good([1, 2]))
  askIn('en')
  expect(await get('/api/servers', network)).toEqual([1, 2])
  expect(asked[0]?.headers.get('Authorization')).toBe('Bearer old')
  expect(asked[0]?.headers.get('Accept-Language')).toBe('en')
})

test('a filter that is empty is not sent', async () => {
  const network = over(good([]))
  await get('/api/alerts', { query: { level: '', state: 'firing', server_id: null }, ...network })
  expect(asked[0]?.params).toEqual({ state: 'firing' })
})

test('an expired token is renewed once, and the question asked again', async () => {
  const network = over(bad(401, 'unauthenticated'), good('there'))
  const answer = get('/api/servers', network)
  token = 'new'
  expect(await answer).toBe('there')
  expect(renewals).toBe(1)
  expect(asked[1]?.headers.get('Authorization')).toBe('Bearer new')
})

test('after the session ended, the 401 is reported', async () => {
  const network = over(bad(401, 'unauthenticated'))
  token = null
  await expect(get('/api/servers', network)).rejects.toMatchObject({ status: 401 })
  expect(asked).toHaveLength(1)
})

test.each(['invalid_credentials', 'code_required', 'invalid_code', 'passkey_required'])(
  '%s is no ended session: nothing is renewed',
  async (reason) => {
    const network = over(bad(401, reason))
    await expect(
      post('/api/auth/login', { body: { username: 'ann', password: 'wrong' }, ...network }),
    ).rejects.toMatchObject({ reason })
    expect([renewals, asked.length]).toEqual([0, 1])
  },
)

test('after the user confirmed who they are, the request is sent again, once', async () => {
  const network = over(
    bad(403, 'reauthentication_required'),
    good('done'),
    bad(403, 'reauthentication_required'),
    bad(403, 'reauthentication_required'),
  )
  confirmations = [true, true]
  expect(await get('/api/users', network)).toBe('done')
  await expect(get('/api/users', network)).rejects.toMatchObject({ isUnconfirmed: true })
  expect(asked).toHaveLength(4)
})

test('a user who does not confirm who they are gets the refusal', async () => {
  await expect(get('/api/users', over(bad(403, 'reauthentication_required')))).rejects.toMatchObject({
    isUnconfirmed: true,
  })
  expect(asked).toHaveLength(1)
})

test('a token that expired before the confirmation is renewed on the way', async () => {
  const network = over(bad(401, 'unauthenticated'), bad(403, 'reauthentication_required'), good('done'))
  confirmations = [true]
  expect(await get('/api/users', network)).toBe('done')
  expect(renewals).toBe(1)
})

test('a user who must set up a second factor is noticed, and the request fails', async () => {
  await expect(get('/api/servers', over(bad(403, 'second_factor_required')))).rejects.toMatchObject({ status: 403 })
  expect(lacks).toBe(1)
})

test('an error tells its reason, its fields and when to come again', async () => {
  const network = over(bad(429, 'too_many_attempts', { fields: { username: 'why' } }, { 'retry-after': '30' }))
  const error = await get('/api/users', network).catch((raw: unknown) => raw)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({
    reason: 'too_many_attempts',
    message: 'it is too_many_attempts',
    fields: { username: 'why' },
    retryAfter: 30,
  })
})

test('a server that is not there is an error of its own', async () => {
  const network = over('unreachable')
  await expect(get('/api/users', network)).rejects.toMatchObject({ status: 0, isOffline: true })
})

test('a store of older history that is not there is no server that is not there', async () => {
  const network = over(bad(503, 'history_unavailable'), bad(503, 'storage_unavailable'))
  await expect(get('/api/users', network)).rejects.toMatchObject({ isHistoryAway: true, isOffline: false })
  await expect(get('/api/users', network)).rejects.toMatchObject({ isHistoryAway: false, isOffline: true })
})

test('a page knows where the next one starts, and the last that there is none', async () => {
  const network = over(good(['a'], { 'x-next-cursor': 'c1' }), good(['b']))
  expect(await getPage('/api/alerts', network)).toEqual({ items: ['a'], next: 'c1' })
  expect(await getPage('/api/alerts', network)).toEqual({ items: ['b'], next: null })
})

test('an address takes what the server describes, and is filled in', async () => {
  const network = over(good(null), good(null))
  await remove('/api/auth/sessions/{session_id}', { path: { session_id: 'a/b' }, ...network })
  expect(asked[0]?.url).toBe('/api/auth/sessions/a%2Fb')
  // @ts-expect-error it has no such filter
  await get('/api/alerts', { query: { colour: 'red' }, ...network })
  // @ts-expect-error it has no such address
  const unknown = () => get('/api/colours', network)
  // @ts-expect-error a server has a name
  const incomplete = () => post('/api/servers', { body: { ip_address: '192.0.2.1' } })
  expect([unknown, incomplete]).toHaveLength(2)
})
