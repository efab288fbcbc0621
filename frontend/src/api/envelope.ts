/** The shape of every answer under /api. */
export interface Envelope<T> {
  code: number
  msg: string
  data: T
}

/** What the server answered. */
export interface Answer<T> {
  headers: Headers
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

export const unreachable = () => new ApiError(0, 'unreachable', '')

/** The error in an answer's *body*, which a proxy may have written. */
export function refusalOf({ status, headers }: Response, body: unknown): ApiError {
  const said = body as Partial<Envelope<{ reason?: string; fields?: Record<string, string> }>> | null
  const retryAfter = Number(headers.get('retry-after'))
  return new ApiError(
    status,
    said?.data?.reason ?? 'unknown',
    said?.msg ?? '',
    said?.data?.fields ?? {},
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
    endedBy(headers.get('www-authenticate')),
  )
}

/** From the challenge of a 401. */
function endedBy(challenge: unknown): Ended {
  const said = /error_description="(\w+)"/.exec(String(challenge))?.[1]
  return ENDINGS.find((ending) => ending === said) ?? 'unknown'
}

export function pageOf<T>({ headers, data }: Answer<Envelope<T[]>>): Page<T> {
  return { items: data.data, next: headers.get('x-next-cursor') || null }
}
