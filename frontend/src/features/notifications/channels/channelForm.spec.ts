import { expect, test } from 'vitest'
import type { Channel } from '@/api/types'
import { sameDestination, settingsOf, valuesOf } from './channelForm'

const channel = (given: Partial<Channel>) => ({ name: 'c', least_level: 'warning', ...given }) as Channel

test('a new channel is sent with the settings of its kind alone', () => {
  const values = { ...valuesOf(undefined, 'en'), kind: 'webhook' as const, url: ' https://example.com/hook ', address: 'left over' }
  expect(settingsOf(values, true)).toEqual({ url: 'https://example.com/hook' })
})

test('what the server shows masked is not sent back', () => {
  const kept = channel({ kind: 'webhook', settings: { url: 'https://example.com/?token=***', secret: '***' } })
  const values = valuesOf(kept, 'en')
  expect([values.url, values.secret]).toEqual(['', ''])
  expect(settingsOf(values, false)).toEqual({})
})

test('an address that is no secret can be corrected', () => {
  const values = valuesOf(channel({ kind: 'email', settings: { address: 'a@example.com', locale: 'en' } }), 'zh-CN')
  expect(settingsOf({ ...values, address: 'b@example.com' }, false)).toEqual({ address: 'b@example.com', locale: 'en' })
})

test('another channel of the same kind that goes to the same place is found', () => {
  const mail = channel({ kind: 'email', settings: { address: 'Team@example.com' } })
  const hook = channel({ kind: 'webhook', settings: { url: 'https://example.com/Hook' } })
  const masked = channel({ kind: 'apprise', settings: { url: 'slack://***' } })
  const same = (given: Partial<ReturnType<typeof valuesOf>>) => sameDestination({ ...valuesOf(undefined, 'en'), ...given }, [mail, hook, masked])
  expect(same({ kind: 'email', address: ' team@example.com ' })).toBe(mail)
  expect(same({ kind: 'webhook', url: 'https://example.com/Hook' })).toBe(hook)
  expect(same({ kind: 'webhook', url: 'https://example.com/hook' })).toBeUndefined()
  expect(same({ kind: 'apprise', url: 'slack://***' })).toBeUndefined()
  expect(same({ kind: 'email', address: '' })).toBeUndefined()
  expect(same({ kind: 'webhook', url: 'team@example.com' })).toBeUndefined()
})
