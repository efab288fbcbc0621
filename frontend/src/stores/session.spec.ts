import { beforeEach, describe, expect, it, vi } from 'vitest'
import { anAnswer, answerBy } from '@/testing/fakeServer'

/** Fake server that knows the user and the password. */
const server = {
  password: 'secret',
  userId: 1,
  sessionLives: true,
  tokens: 0,
  done: [] as string[],
  logIns: 0,
  challenge: 'elsewhere',
  isStolen: false,
}

const NEW = { server_name: 'typed', ip_address: '192.0.2.1', port: 22 }

answerBy(({ url, body }) => {
  const answer = (status: number, data: unknown, headers = {}) => anAnswer(status, data, '', headers)
  const token = () => answer(200, { token: `t${(server.tokens += 1)}`, user: { id: server.userId, username: 'ann' } })
  if (url === '/api/auth/login') {
    server.logIns += 1
    if ((body as { password: string }).password !== server.password)
      return answer(401, { reason: 'invalid_credentials' })
    server.sessionLives = true
    return token()
  }
  if (!server.sessionLives)
    return answer(
      401,
      { reason: 'unauthenticated' },
      { 'www-authenticate': `Bearer error="invalid_token", error_description="${server.challenge}"` },
    )
  if (url === '/api/auth/refresh') {
    if (server.isStolen)
      return answer(
        401,
        { reason: 'unauthenticated' },
        { 'www-authenticate': 'Bearer error="invalid_token", error_description="stolen"' },
      )
    return token()
  }
  if (server.isStolen) return answer(401, { reason: 'unauthenticated' }, { 'www-authenticate': 'Bearer' })
  server.done.push(url)
  return answer(200, url)
})

// happy-dom declares it without an implementation.
Object.defineProperty(navigator, 'locks', { value: { request: (_: string, work: () => unknown) => work() } })
vi.resetModules()
const { createPinia, setActivePinia } = await import('pinia')
const { get, post, useTokensOf } = await import('@/api/http')
const { useSession } = await import('./session')

async function loggedIn() {
  const session = useSession()
  useTokensOf({
    token: () => session.token,
    renew: (refused) => session.renew(refused.ended),
    confirm: async () => false,
    lacksFactor: session.lacksFactor,
  })
  await session.logIn('ann', 'secret')
  return session
}

describe('a session that ends under an open page', () => {
  beforeEach(() => {
    setActivePinia(createPinia())
    Object.assign(server, {
      password: 'secret',
      userId: 1,
      sessionLives: true,
      tokens: 0,
      done: [],
      logIns: 0,
      challenge: 'elsewhere',
      isStolen: false,
    })
  })

  it('asks for the password once, whatever waits, and all of it goes on', async () => {
    const session = await loggedIn()
    server.sessionLives = false
    const waiting = Promise.all([get('/api/servers'), post('/api/servers', { body: NEW }), get('/api/alerts')])
    await vi.waitFor(() => expect(session.ended).toBe('elsewhere'))
    expect(session.isLoggedIn).toBe(true)
    await session.logIn('ann', 'secret')
    expect(await waiting).toEqual(['/api/servers', '/api/servers', '/api/alerts'])
    expect(session.ended).toBeNull()
    expect(server.logIns).toBe(2)
  })

  it('goes on asking after a wrong password', async () => {
    const session = await loggedIn()
    server.sessionLives = false
    server.challenge = 'password'
    const waiting = get('/api/servers')
    await vi.waitFor(() => expect(session.ended).not.toBeNull())
    await expect(session.logIn('ann', 'wrong')).rejects.toMatchObject({ reason: 'invalid_credentials' })
    expect(session.ended).toBe('password')
    await session.logIn('ann', 'secret')
    expect(await waiting).toBe('/api/servers')
  })

  it('tells what the server says when it refuses to renew', async () => {
    const session = await loggedIn()
    server.isStolen = true
    const waiting = get('/api/servers')
    await vi.waitFor(() => expect(session.ended).toBe('stolen'))
    server.isStolen = false
    await session.logIn('ann', 'secret')
    expect(await waiting).toBe('/api/servers')
  })

  it('sends nothing of it in the name of another', async () => {
    const session = await loggedIn()
    server.sessionLives = false
    const waiting = post('/api/servers', { body: NEW }).catch((error: unknown) => error)
    await vi.waitFor(() => expect(session.ended).not.toBeNull())
    server.userId = 2
    await session.logIn('ann', 'secret')
    expect(await waiting).toMatchObject({ status: 401 })
    expect(session.isLoggedIn).toBe(false)
    expect(server.done).toEqual([])
  })

  it('is over for who leaves, and for who logs out', async () => {
    const session = await loggedIn()
    server.sessionLives = false
    const waiting = get('/api/servers').catch((error: unknown) => error)
    await vi.waitFor(() => expect(session.ended).not.toBeNull())
    session.forget()
    expect(await waiting).toMatchObject({ status: 401 })
    server.sessionLives = true
    await session.logIn('ann', 'secret')
    server.sessionLives = false
    await session.logOut().catch(() => undefined)
    expect([session.isLoggedIn, session.ended]).toEqual([false, null])
  })
})
