import type { Asked } from './calls'
import { get, getFile, getPage, post, put, remove } from './http'
import type { ChannelChange, MailChange, NewChannel, NewUser, SettingsChange, UserChange } from './types'

export const listUsers = (asked?: Asked<'get', '/api/users'>) => get('/api/users', asked)
export const createUser = (user: NewUser) => post('/api/users', { body: user })
export const changeUser = (user_id: number, change: UserChange) =>
  put('/api/users/{user_id}', { path: { user_id }, body: change })
export const previewDeletion = (user_id: number, asked?: Asked<'get', '/api/users/{user_id}/deletion'>) =>
  get('/api/users/{user_id}/deletion', { path: { user_id }, ...asked })
export const deleteUser = (user_id: number, hand_over_to: number | null) =>
  remove('/api/users/{user_id}', { path: { user_id }, query: { hand_over_to } })
/** Removes all second factors of a user. */
export const resetFactors = (user_id: number) => remove('/api/users/{user_id}/totp', { path: { user_id } })
export const endUserSessions = (user_id: number) => remove('/api/users/{user_id}/sessions', { path: { user_id } })
export const resetPassword = (username: string, password: string) =>
  put('/api/users/reset-password', { body: { username, password } })

export const listChannels = (asked?: Asked<'get', '/api/channels'>) => get('/api/channels', asked)
export const listChannelKinds = (asked?: Asked<'get', '/api/channels/kinds'>) => get('/api/channels/kinds', asked)
export const createChannel = (channel: NewChannel) => post('/api/channels', { body: channel })
export const changeChannel = (channel_id: number, change: ChannelChange) =>
  put('/api/channels/{channel_id}', { path: { channel_id }, body: change })
export const deleteChannel = (channel_id: number) => remove('/api/channels/{channel_id}', { path: { channel_id } })
export const testChannel = (channel_id: number) => post('/api/channels/{channel_id}/test', { path: { channel_id } })

export const listNotifications = (asked?: Asked<'get', '/api/notifications'>) => getPage('/api/notifications', asked)
export const retryNotification = (notification_id: number) =>
  post('/api/notifications/{notification_id}/retry', { path: { notification_id } })
export const listAudit = (asked?: Asked<'get', '/api/audit'>) => getPage('/api/audit', asked)
/** The entries that `listAudit` lists for the same filters, as a file. */
export const exportAudit = (query: NonNullable<Asked<'get', '/api/audit/export'>['query']>) =>
  getFile('/api/audit/export', { query })
/** The serving processes, each with the store that it uses. */
export const listProcesses = (asked?: Asked<'get', '/api/cluster'>) => get('/api/cluster', asked)
export const getSettings = (asked?: Asked<'get', '/api/settings'>) => get('/api/settings', asked)
export const changeSettings = (change: SettingsChange) => put('/api/settings', { body: change })

export const getMail = (asked?: Asked<'get', '/api/settings/mail'>) => get('/api/settings/mail', asked)
export const changeMail = (change: MailChange) => put('/api/settings/mail', { body: change })
/** Sends a test to the caller's own address, with *change* in place of what is saved. */
export const testMail = (change: MailChange) => post('/api/settings/mail/test', { body: change })
