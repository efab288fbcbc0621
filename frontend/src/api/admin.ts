import type { Asked } from './http'
import { get, getPage, post, put, remove } from './http'
import type {
  AuditEntry,
  Channel,
  ChannelChange,
  NewChannel,
  NewUser,
  Notification,
  Settings,
  SettingsChange,
  User,
  UserChange,
} from './types'

export const listUsers = (asked?: Asked) => get<User[]>('/users', asked)
export const createUser = (user: NewUser) => post<User>('/users', user)
export const changeUser = (id: number, change: UserChange) => put<User>(`/users/${id}`, change)
export const deleteUser = (id: number) => remove(`/users/${id}`)
export const resetPassword = (username: string, password: string) =>
  put<null>('/users/reset-password', { username, password })

export const listChannels = (asked?: Asked) => get<Channel[]>('/channels', asked)
export const createChannel = (channel: NewChannel) => post<Channel>('/channels', channel)
export const changeChannel = (id: number, change: ChannelChange) => put<Channel>(`/channels/${id}`, change)
export const deleteChannel = (id: number) => remove(`/channels/${id}`)
export const testChannel = (id: number) => post<{ sent: boolean; error: string | null }>(`/channels/${id}/test`)

export const listNotifications = (asked?: Asked) => getPage<Notification>('/notifications', asked)
export const retryNotification = (id: number) => post<Notification>(`/notifications/${id}/retry`)
export const listAudit = (asked?: Asked) => getPage<AuditEntry>('/audit', asked)
export const getSettings = (asked?: Asked) => get<Settings>('/settings', asked)
export const changeSettings = (change: SettingsChange) => put<Settings>('/settings', change)
