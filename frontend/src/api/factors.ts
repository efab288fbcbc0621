import { post, put, remove } from './http'

/** Starts to set up a second factor. The server keeps the secret, but asks for codes only after `confirmTotp`. */
export const startTotp = (password?: string) => post('/api/auth/totp', { body: { password } })
/** Turns the second factor on. The answer has the recovery codes. */
export const confirmTotp = (code: string) => put('/api/auth/totp', { body: { code } })
export const removeTotp = (code: string, password?: string) => remove('/api/auth/totp', { body: { password, code } })
export const newRecoveryCodes = (code: string) => post('/api/auth/recovery-codes', { body: { code } })
