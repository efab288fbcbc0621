import { ApiError } from '@/api/envelope'

/** The error of a request. Anything else is a bug and is thrown again. */
export function asApiError(raw: unknown): ApiError {
  if (raw instanceof ApiError) return raw
  throw raw
}
