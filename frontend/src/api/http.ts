import type { AxiosRequestConfig, AxiosResponse } from 'axios'
import axios from 'axios'
import type { Address, Asked, Data, Given } from './calls'
import { noteServerTime } from './clock'
import type { Envelope, Page } from './envelope'
import { ApiError, pageOf, toApiError } from './envelope'

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
  path?: object
  query?: object
  body?: unknown
  signal?: AbortSignal
  timeout?: number
  headers?: Record<string, string>
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

// A list is written `tag=a&tag=b`.
const client = axios.create({ timeout: 30_000, paramsSerializer: { indexes: null } })

client.interceptors.request.use((config) => {
  config.headers.set('Accept-Language', language)
  return config
})

/** A call for a file gets its refusal as a file too. */
client.interceptors.response.use(undefined, async (error: unknown) => {
  if (axios.isAxiosError(error) && error.response?.data instanceof Blob) {
    error.response.data = await error.response.data
      .text()
      .then(JSON.parse)
      .catch(() => undefined)
  }
  throw error
})

/** Every answer, also an error, has the server's time. */
async function timed<T>(ask: Promise<AxiosResponse<T>>): Promise<AxiosResponse<T>> {
  const askedAt = Date.now()
  const note = (response?: AxiosResponse) => noteServerTime(response?.headers.date, askedAt, Date.now())
  try {
    const response = await ask
    note(response)
    return response
  } catch (error) {
    if (axios.isAxiosError(error)) note(error.response)
    throw error
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

async function send<T>(config: AxiosRequestConfig): Promise<AxiosResponse<Envelope<T>>> {
  // Each cause is removed once: the same refusal again is an error.
  const resolved = new Set<string>()
  for (;;) {
    const token = holder.token()
    const headers = { ...(token === null ? {} : { Authorization: `Bearer ${token}` }), ...config.headers }
    try {
      return await timed(client.request<Envelope<T>>({ ...config, headers }))
    } catch (raw) {
      const error = toApiError(raw)
      const hasOwnToken = config.headers?.Authorization !== undefined
      if (!(error instanceof ApiError) || hasOwnToken || resolved.has(error.reason)) throw error
      resolved.add(error.reason)
      if (!(await isResolved(error, config.url))) throw error
    }
  }
}

/** Omits empty filters: the server reads `?q=` as a filter. */
function given(query: object | undefined): object {
  return Object.fromEntries(
    Object.entries(query ?? {}).filter(([, value]) => value !== null && value !== undefined && value !== ''),
  )
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
  { path, query, body, ...rest }: Options = {},
): Promise<AxiosResponse<Envelope<T>>> {
  return send<T>({ method, url: filled(address, path), params: given(query), data: body, ...rest })
}

export async function get<P extends Address<'get'>>(address: P, ...[call]: Given<'get', P>): Promise<Data<'get', P>> {
  return (await ask<Data<'get', P>>('get', address, call)).data.data
}

export async function post<P extends Address<'post'>>(
  address: P,
  ...[call]: Given<'post', P>
): Promise<Data<'post', P>> {
  return (await ask<Data<'post', P>>('post', address, call)).data.data
}

export async function put<P extends Address<'put'>>(address: P, ...[call]: Given<'put', P>): Promise<Data<'put', P>> {
  return (await ask<Data<'put', P>>('put', address, call)).data.data
}

export async function remove<P extends Address<'delete'>>(
  address: P,
  ...[call]: Given<'delete', P>
): Promise<Data<'delete', P>> {
  return (await ask<Data<'delete', P>>('delete', address, call)).data.data
}

type Item<T> = T extends readonly (infer I)[] ? I : never

export async function getPage<P extends Address<'get'>>(
  address: P,
  ...[call]: Given<'get', P>
): Promise<Page<Item<Data<'get', P>>>> {
  return pageOf(await ask<Item<Data<'get', P>>[]>('get', address, call))
}

/** An answer other than JSON, such as CSV. */
export async function getText<P extends Address<'get'>>(
  address: P,
  { query, path, ...rest }: Asked<'get', P> & { path?: object } = {},
): Promise<string> {
  const response = await send<never>({
    method: 'get',
    url: filled(address, path),
    params: given(query),
    responseType: 'text',
    ...rest,
  })
  return response.data as unknown as string
}

/** A file, which may be large: the browser keeps it outside of its memory, and there is no limit of time. */
export async function getFile<P extends Address<'get'>>(
  address: P,
  { query, ...rest }: Asked<'get', P> = {},
): Promise<Blob> {
  const response = await send<never>({
    method: 'get',
    url: address,
    params: given(query),
    responseType: 'blob',
    timeout: 0,
    ...rest,
  })
  return response.data as unknown as Blob
}

export async function postCsv<P extends Address<'post'>>(
  address: P,
  csv: Blob,
  asked: Asked<'post', P>,
): Promise<Data<'post', P>> {
  const { query, ...rest } = asked
  const headers = { 'Content-Type': 'text/csv' }
  return (
    await send<Data<'post', P>>({ method: 'post', url: address, params: given(query), data: csv, headers, ...rest })
  ).data.data
}
