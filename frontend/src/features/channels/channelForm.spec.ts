import { expect, test } from 'vitest'
import type { Channel } from '@/api/types'
import { settingsOf, valuesOf } from './channelForm'

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
