import { get, post, put, remove } from './http'
import type { Profile, ProfileChange, Session, Token } from './types'

export const logIn = (username: string, password: string) => post<Token>('/auth/login', { username, password })
export const renewToken = () => post<Token>('/auth/refresh')
export const logOut = () => post<null>('/auth/logout')
export const me = () => get<Profile>('/auth/me')
export const changeProfile = (change: ProfileChange) => put<Profile>('/auth/me', change)
export const changePassword = (old_password: string, new_password: string) =>
  post<Token>('/auth/change-password', { old_password, new_password })
export const listSessions = () => get<Session[]>('/auth/sessions')
export const endSession = (id: string) => remove(`/auth/sessions/${encodeURIComponent(id)}`)
