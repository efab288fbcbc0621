import { expect, test } from 'vitest'
import type { Channel } from '@/api/types'
import type { ChannelValues } from './channelForm'
import { destinationOf, settingsOf } from '@/composables/channelSettings'
import { sameDestination, valuesOf } from './channelForm'
import { KINDS, kindOf } from '@/testing/kinds'

const channel = (given: Partial<Channel>) => ({ name: 'c', least_level: 'warning', ...given }) as Channel
const fresh = valuesOf(undefined, KINDS, 'en')

test('a new channel is of the first kind, in the language of the screen', () => {
  expect([fresh.kind, fresh.settings.locale]).toEqual(['email', 'en'])
})

test('a new channel is sent with the settings of its kind alone', () => {
  const values = { ...fresh, settings: { ...fresh.settings, url: ' https://example.com/hook ', address: 'left over' } }
  expect(settingsOf(values, kindOf('webhook'))).toEqual({ url: 'https://example.com/hook' })
  expect(settingsOf({ ...values, settings: { loft: 'north' } }, kindOf('pigeon'))).toEqual({ loft: 'north' })
})

test('what the server shows masked is not sent back', () => {
  const kept = channel({ kind: 'webhook', settings: { url: 'https://example.com/?token=***', secret: '***' } })
  const values = valuesOf(kept, KINDS, 'en')
  expect([values.settings.url, values.settings.secret]).toEqual(['', ''])
  expect(settingsOf(values, kindOf('webhook'), kept.settings)).toEqual({})
})

test('a setting that is no secret can be corrected and removed', () => {
  const mail = channel({ kind: 'email', settings: { address: 'a@example.com', locale: 'en' } })
  const values = valuesOf(mail, KINDS, 'zh-CN')
  const sent = (address: string) =>
    settingsOf({ ...values, settings: { ...values.settings, address } }, kindOf('email'), mail.settings)
  expect(sent('b@example.com')).toEqual({ address: 'b@example.com', locale: 'en' })
  expect(sent('')).toEqual({ address: '', locale: 'en' })
})

test('the destination is what the kind requires', () => {
  expect(destinationOf(channel({ kind: 'pigeon', settings: { loft: 'north', ring: '***' } }), kindOf('pigeon'))).toBe(
    'north',
  )
  expect(destinationOf(channel({ kind: 'gone', settings: { loft: 'north' } }), undefined)).toBe('')
})

test('another channel of the same kind that goes to the same place is found', () => {
  const mail = channel({ kind: 'email', settings: { address: 'Team@example.com' } })
  const hook = channel({ kind: 'webhook', settings: { url: 'https://example.com/Hook' } })
  const masked = channel({ kind: 'apprise', settings: { url: 'slack://***' } })
  const same = (kind: string, settings: ChannelValues['settings']) =>
    sameDestination({ ...fresh, kind, settings }, kindOf(kind), [mail, hook, masked])
  expect(same('email', { address: ' team@example.com ' })).toBe(mail)
  expect(same('webhook', { url: 'https://example.com/Hook' })).toBe(hook)
  expect(same('webhook', { url: 'https://example.com/hook' })).toBeUndefined()
  expect(same('apprise', { url: 'slack://***' })).toBeUndefined()
  expect(same('email', { address: '' })).toBeUndefined()
  expect(same('webhook', { url: 'team@example.com' })).toBeUndefined()
})
