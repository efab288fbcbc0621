import type { AxiosResponse } from 'axios'
import axios from 'axios'

/** The shape of every answer under /api. */
export interface Envelope<T> {
  code: number
  msg: string
  data: T
}

/** A page of a list, and the cursor of the next one. Null on the last page. */
export interface Page<T> {
  items: T[]
  next: string | null
}

const ENDINGS = ['expired', 'elsewhere', 'password', 'stolen'] as const
/** Why a session ended. */
export type Ended = (typeof ENDINGS)[number] | 'unknown'

/** An error that the server answered with. Status 0: it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly fields: Record<string, string> = {},
    readonly retryAfter: number | null = null,
    readonly ended: Ended = 'unknown',
  ) {
    super(message)
    this.name = 'ApiError'
  }

  /** True if only the older history is missed, which lies in a store of its own. */
  get isHistoryAway(): boolean {
    return this.reason === 'history_unavailable'
  }

  /** True if the user did not confirm who they are, so that nothing was done. */
  get isUnconfirmed(): boolean {
    return this.reason === 'reauthentication_required'
  }

  get isOffline(): boolean {
    if (this.isHistoryAway) return false
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504
  }
}

export function toApiError(error: unknown): unknown {
  if (!axios.isAxiosError(error) || axios.isCancel(error)) return error
  const response = error.response
  if (response === undefined) return new ApiError(0, 'unreachable', '')
  const body = response.data as Partial<Envelope<{ reason?: string; fields?: Record<string, string> }>> | undefined
  const retryAfter = Number(response.headers['retry-after'])
  return new ApiError(
    response.status,
    body?.data?.reason ?? 'unknown',
    body?.msg ?? '',
    body?.data?.fields ?? {},
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
    endedBy(response.headers['www-authenticate']),
  )
}

/** From the challenge of a 401. */
function endedBy(challenge: unknown): Ended {
  const said = /error_description="(\w+)"/.exec(String(challenge))?.[1]
  return ENDINGS.find((ending) => ending === said) ?? 'unknown'
}

export function pageOf<T>(response: AxiosResponse<Envelope<T[]>>): Page<T> {
  const next: unknown = response.headers['x-next-cursor']
  return { items: response.data.data, next: typeof next === 'string' && next !== '' ? next : null }
}
