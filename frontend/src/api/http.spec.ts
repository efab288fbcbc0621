import { beforeEach, expect, test, vi } from 'vitest'
import type { Sent } from '@/testing/fakeServer'
import { anAnswer, answerBy } from '@/testing/fakeServer'
import { ApiError } from './envelope'
import { askIn, get, getFile, getPage, getText, post, postCsv, remove, useTokensOf } from './http'

let asked: Sent[] = []
let renewals = 0
let confirmations: boolean[] = []
let lacks = 0
let token: string | null = 'old'

/** Makes the network give these answers in order, and then none. */
function over(...answers: (Response | 'unreachable')[]): object {
  answerBy((request) => {
    asked.push(request)
    const answer = answers.shift()
    if (answer === undefined || answer === 'unreachable') throw new TypeError('Failed to fetch')
    return answer
  })
  return {}
}

const good = (data: unknown, headers = {}) => anAnswer(200, data, 'OK', headers)
const bad = (status: number, reason: string, more = {}, headers = {}) =>
  anAnswer(status, { reason, ...more }, `it is ${reason}`, headers)

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
  expect(asked[0]?.url).toBe('/api/alerts?state=firing')
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

/** A network that answers nothing until the request is aborted. */
function silent(): void {
  globalThis.fetch = (_, { signal } = {}) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
}

test('a server that does not answer in time cannot be reached', async () => {
  vi.useFakeTimers()
  silent()
  const asking = get('/api/users').catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await asking).toMatchObject({ status: 0, isOffline: true })
  vi.useRealTimers()
})

test('a request that is aborted before or while it is sent fails with the reason', async () => {
  silent()
  const ending = new AbortController()
  const asking = get('/api/users', { signal: ending.signal })
  ending.abort('left')
  await expect(asking).rejects.toBe('left')
  await expect(get('/api/users', { signal: ending.signal })).rejects.toBe('left')
})

test('the page of a proxy is an error without words', async () => {
  over(new Response('<h1>Bad gateway</h1>', { status: 502 }))
  await expect(get('/api/users')).rejects.toMatchObject({
    status: 502,
    reason: 'unknown',
    message: '',
    isOffline: true,
  })
})

test('text and files come as they are, and a refusal of either in words', async () => {
  over(new Response('{"a": 1}'), new Response('a,b'), bad(403, 'forbidden'))
  expect(await getText('/api/audit')).toBe('{"a": 1}')
  expect(await (await getFile('/api/audit')).text()).toBe('a,b')
  await expect(getFile('/api/audit')).rejects.toMatchObject({ status: 403, message: 'it is forbidden' })
})

test('JSON and CSV are sent as what they are, and a list once for each value', async () => {
  over(good(null), good(null), good([]))
  await post('/api/auth/login', { body: { username: 'ann', password: 'secret' } })
  await postCsv('/api/servers/import', new Blob(['a,b']), {})
  await get('/api/servers/ordered', { query: { tag: ['a b', 'c'] } })
  expect(asked.map(({ headers }) => headers.get('Content-Type'))).toEqual(['application/json', 'text/csv', null])
  expect(asked[2]?.url).toBe('/api/servers/ordered?tag=a+b&tag=c')
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
