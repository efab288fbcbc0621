import type { AxiosRequestConfig, AxiosResponse } from 'axios'
import axios from 'axios'
import { noteServerTime } from './clock'
import type { Envelope, Page } from './envelope'
import { ApiError, pageOf, toApiError } from './envelope'

/** Who holds the access token, and renews it: the session store. The token lives in memory and nowhere else. */
export interface TokenHolder {
  token(): string | null
  /** A new token, once there is one; null where the session is over, or the server away. *refused* came of the old. */
  renew(refused: ApiError): Promise<string | null>
}

type Query = Record<string, string | number | boolean | null | undefined>

let holder: TokenHolder = { token: () => null, renew: () => Promise.resolve(null) }
let language = 'zh-CN'

export function useTokensOf(given: TokenHolder): void {
  holder = given
}

export function askIn(locale: string): void {
  language = locale
}

const client = axios.create({ baseURL: '/api', timeout: 30_000 })

client.interceptors.request.use((config) => {
  config.headers.set('Accept-Language', language)
  return config
})

/** Each answer, a refusal too, tells the time. */
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

const isAuthentication = (url = '') => /^\/auth\/(login|refresh)$/.test(url)

async function send<T>(config: AxiosRequestConfig): Promise<AxiosResponse<Envelope<T>>> {
  const attempt = (token: string | null) =>
    timed(
      client.request<Envelope<T>>({
        ...config,
        headers: { ...config.headers, ...(token === null ? {} : { Authorization: `Bearer ${token}` }) },
      }),
    )
  try {
    return await attempt(holder.token())
  } catch (raw) {
    const error = toApiError(raw)
    const expired = error instanceof ApiError && error.status === 401 && !isAuthentication(config.url)
    if (!expired) throw error
    const token = await holder.renew(error)
    if (token === null) throw error
    try {
      return await attempt(token)
    } catch (again) {
      throw toApiError(again)
    }
  }
}

/** Empty filters are left out: the server takes `?q=` for a filter too. */
function given(query: Query | undefined): Query {
  return Object.fromEntries(Object.entries(query ?? {}).filter(([, value]) => value !== null && value !== undefined && value !== ''))
}

export interface Asked {
  query?: Query
  signal?: AbortSignal
  timeout?: number
}

export async function get<T>(url: string, { query, ...rest }: Asked = {}): Promise<T> {
  return (await send<T>({ method: 'get', url, params: given(query), ...rest })).data.data
}

export async function getPage<T>(url: string, { query, ...rest }: Asked = {}): Promise<Page<T>> {
  return pageOf(await send<T[]>({ method: 'get', url, params: given(query), ...rest }))
}

export async function getText(url: string, { query, ...rest }: Asked = {}): Promise<string> {
  const response = await send<never>({ method: 'get', url, params: given(query), responseType: 'text', ...rest })
  return response.data as unknown as string
}

export async function post<T>(url: string, body?: unknown, config: AxiosRequestConfig = {}): Promise<T> {
  return (await send<T>({ method: 'post', url, data: body, ...config })).data.data
}

export async function put<T>(url: string, body: unknown): Promise<T> {
  return (await send<T>({ method: 'put', url, data: body })).data.data
}

export async function remove<T = null>(url: string): Promise<T> {
  return (await send<T>({ method: 'delete', url })).data.data
}
