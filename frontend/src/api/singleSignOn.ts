import { get, post, remove } from './http'

/** Where the browser goes to log in elsewhere, and then to *next*. *fresh*: the user must prove again who they are. */
export const signOnAddress = (next: string, fresh = false) =>
  `/api/auth/oidc/login?${new URLSearchParams({ next, ...(fresh ? { fresh: 'true' } : {}) }).toString()}`
/** Who the user is at the issuer; null if their account is not joined. */
export const joinedIdentity = () => get('/api/auth/oidc/join')
/** Returns where the browser goes to join the user's account. */
export const beginJoining = (next: string) => post('/api/auth/oidc/join', { body: { next } })
export const partIdentity = () => remove('/api/auth/oidc/join')
