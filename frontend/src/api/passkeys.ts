import { get, post, remove } from './http'
import type { PasskeyAnswer } from './types'

type Credential = PasskeyAnswer['credential']

export const listPasskeys = () => get('/api/auth/passkeys')
/** What the browser needs to make a passkey. */
export const beginPasskey = () => post('/api/auth/passkeys/options')
export const addPasskey = (name: string, credential: Credential) =>
  post('/api/auth/passkeys', { body: { name, credential } })
export const removePasskey = (passkey_id: number) => remove('/api/auth/passkeys/{passkey_id}', { path: { passkey_id } })
/** What the browser needs to ask for a passkey: to log in, or to confirm who the user is. */
export const beginPasskeyLogin = () => post('/api/auth/passkeys/login/options')
export const logInWithPasskey = (credential: Credential) => post('/api/auth/passkeys/login', { body: { credential } })
export const reauthenticateWithPasskey = (credential: Credential) =>
  post('/api/auth/passkeys/reauthenticate', { body: { credential } })
