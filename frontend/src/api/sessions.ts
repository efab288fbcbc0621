import { get, post, put, remove } from './http'
import type { ProfileChange } from './types'

/** The ways to log in that this server has. The log-in page waits for them, so not for long. */
export const listMethods = () => get('/api/auth/methods', { timeout: 3_000 })
export const logIn = (username: string, password: string, code?: string) =>
  post('/api/auth/login', { body: { username, password, code } })
/** Logs in with the token of a link from the server's command line. */
export const logInByLink = (token: string) => post('/api/auth/login-link', { body: { token } })
/** Confirms who the user is: sensitive changes ask for this after 10 minutes. */
export const reauthenticate = (password: string, code?: string) =>
  post('/api/auth/reauthenticate', { body: { password, code } })
export const renewToken = () => post('/api/auth/refresh')
export const logOut = () => post('/api/auth/logout')
export const me = () => get('/api/auth/me')
export const changeProfile = (change: ProfileChange) => put('/api/auth/me', { body: change })
export const changePassword = (old_password: string, new_password: string) =>
  post('/api/auth/change-password', { body: { old_password, new_password } })
export const listSessions = () => get('/api/auth/sessions')
export const endSession = (session_id: string) => remove('/api/auth/sessions/{session_id}', { path: { session_id } })
export const endOtherSessions = () => remove('/api/auth/sessions')
