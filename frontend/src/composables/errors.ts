import { ApiError } from '@/api/envelope'

/** What is thrown where something was asked of the server; anything else is a bug of ours and stays one. */
export function asApiError(raw: unknown): ApiError {
  if (raw instanceof ApiError) return raw
  throw raw
}
