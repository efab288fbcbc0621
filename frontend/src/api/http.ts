import type { Address, Asked, Data, Given } from './calls'
import { noteServerTime } from './clock'
import type { Answer, Envelope, Page } from './envelope'
import { ApiError, pageOf, refusalOf, unreachable } from './envelope'

/** What the screen does about refused requests. The access token is in memory only. */
interface TokenHolder {
  token(): string | null
  /** A new token. Null if the session ended or the server cannot be reached. *refused*: the answer to the old one. */
  renew(refused: ApiError): Promise<string | null>
  /** Asks the user to confirm who they are. Returns false if they cancel. */
  confirm(): Promise<boolean>
  /** The user must set up a second factor before anything else. */
  lacksFactor(): void
}

interface Options {
  query?: object
  body?: unknown
  signal?: AbortSignal
  /** Milliseconds; 0 for no limit. */
  timeout?: number
  headers?: Record<string, string>
}

interface Request extends Options {
  method: string
  url: string
  /** What the answer is, if not JSON. */
  as?: 'text' | 'blob'
}

let holder: TokenHolder = {
  token: () => null,
  renew: async () => null,
  confirm: async () => false,
  lacksFactor: () => undefined,
}
let language = 'zh-CN'

export function useTokensOf(given: TokenHolder): void {
  holder = given
}

export function askIn(locale: string): void {
  language = locale
}

const TIMEOUT_MS = 30_000

/** A list is written `tag=a&tag=b`. Omits empty filters: the server reads `?q=` as a filter. */
function written(query: object = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each as unknown]))
  const given = pairs.filter(([, each]) => each !== null && each !== undefined && each !== '')
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map((pair) => pair.map(String)))}`
}

/** What the body says, or the text itself if it is no JSON, such as the page of a proxy. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** One attempt. A refusal, no answer in time, and a lost connection are errors; an abort by *signal* throws its reason. */
async function fetched<T>({
  url,
  query,
  body,
  signal,
  timeout = TIMEOUT_MS,
  as,
  ...init
}: Request): Promise<Answer<T>> {
  signal?.throwIfAborted()
  const ending = new AbortController()
  const abort = () => ending.abort(signal?.reason)
  const timer = timeout > 0 ? setTimeout(() => ending.abort(unreachable()), timeout) : undefined
  signal?.addEventListener('abort', abort)
  try {
    const askedAt = Date.now()
    const isJson = body !== undefined && !(body instanceof Blob)
    const headers = {
      'Accept-Language': language,
      ...(isJson && { 'Content-Type': 'application/json' }),
      ...init.headers,
    }
    const sent = isJson ? JSON.stringify(body) : body
    const answer = await fetch(url + written(query), { ...init, headers, body: sent, signal: ending.signal })
    // Every answer, also an error, has the server's time.
    noteServerTime(answer.headers.get('date'), askedAt, Date.now())
    if (as === 'blob' && answer.ok) return { headers: answer.headers, data: (await answer.blob()) as T }
    const text = await answer.text()
    if (!answer.ok) throw refusalOf(answer, parsed(text))
    return { headers: answer.headers, data: (as === 'text' ? text : parsed(text)) as T }
  } catch (error) {
    if (ending.signal.aborted) throw ending.signal.reason
    throw error instanceof ApiError ? error : unreachable()
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

const isRefresh = (url = '') => url === '/api/auth/refresh'

/** Removes the cause of a refusal, if the user or the refresh cookie can. Returns true if the request may be sent again. */
async function isResolved(error: ApiError, url?: string): Promise<boolean> {
  // A wrong password or code is a 401 too, but no ended session.
  if (error.reason === 'unauthenticated' && !isRefresh(url)) return (await holder.renew(error)) !== null
  if (error.reason === 'reauthentication_required') return holder.confirm()
  if (error.reason === 'second_factor_required') holder.lacksFactor()
  return false
}

async function send<T>(request: Request): Promise<Answer<T>> {
  // Each cause is removed once: the same refusal again is an error.
  const resolved = new Set<string>()
  for (;;) {
    const token = holder.token()
    const headers = { ...(token === null ? {} : { Authorization: `Bearer ${token}` }), ...request.headers }
    try {
      return await fetched<T>({ ...request, headers })
    } catch (error) {
      const hasOwnToken = request.headers?.Authorization !== undefined
      if (!(error instanceof ApiError) || hasOwnToken || resolved.has(error.reason)) throw error
      resolved.add(error.reason)
      if (!(await isResolved(error, request.url))) throw error
    }
  }
}

function filled(address: string, path: object = {}): string {
  return Object.entries(path).reduce(
    (url, [name, value]) => url.replace(`{${name}}`, encodeURIComponent(String(value))),
    address,
  )
}

function ask<T>(
  method: string,
  address: string,
  { path, ...rest }: Options & { path?: object } = {},
): Promise<Answer<Envelope<T>>> {
  return send({ method, url: filled(address, path), ...rest })
}

export async function get<P extends Address<'get'>>(address: P, ...[call]: Given<'get', P>): Promise<Data<'get', P>> {
  return (await ask<Data<'get', P>>('GET', address, call)).data.data
}

export async function post<P extends Address<'post'>>(
  address: P,
  ...[call]: Given<'post', P>
): Promise<Data<'post', P>> {
  return (await ask<Data<'post', P>>('POST', address, call)).data.data
}

export async function put<P extends Address<'put'>>(address: P, ...[call]: Given<'put', P>): Promise<Data<'put', P>> {
  return (await ask<Data<'put', P>>('PUT', address, call)).data.data
}

export async function remove<P extends Address<'delete'>>(
  address: P,
  ...[call]: Given<'delete', P>
): Promise<Data<'delete', P>> {
  return (await ask<Data<'delete', P>>('DELETE', address, call)).data.data
}

type Item<T> = T extends readonly (infer I)[] ? I : never

export async function getPage<P extends Address<'get'>>(
  address: P,
  ...[call]: Given<'get', P>
): Promise<Page<Item<Data<'get', P>>>> {
  return pageOf(await ask<Item<Data<'get', P>>[]>('GET', address, call))
}

/** An answer other than JSON, such as CSV. */
export async function getText<P extends Address<'get'>>(
  address: P,
  { path, ...rest }: Asked<'get', P> & { path?: object } = {},
): Promise<string> {
  return (await send<string>({ method: 'GET', url: filled(address, path), as: 'text', ...rest })).data
}

/** A file, which may be large: the browser keeps it outside of its memory, and there is no limit of time. */
export async function getFile<P extends Address<'get'>>(address: P, asked: Asked<'get', P> = {}): Promise<Blob> {
  return (await send<Blob>({ method: 'GET', url: address, as: 'blob', timeout: 0, ...asked })).data
}

export async function postCsv<P extends Address<'post'>>(
  address: P,
  csv: Blob,
  asked: Asked<'post', P>,
): Promise<Data<'post', P>> {
  const headers = { 'Content-Type': 'text/csv' }
  return (await ask<Data<'post', P>>('POST', address, { body: csv, headers, ...asked })).data.data
}
