import { expect, it } from 'vitest'
import { i18n, showIn } from '@/locales'
import { writtenCount } from './counts'

it.each([
  [0, false, '0'],
  [999, false, '999'],
  [1_000, false, '1,000'],
  [1_000, true, '1,000+'],
  [1_234_567, false, '1,234,567'],
])('%i (cut: %s) is %s', (n, isCut, written) => {
  expect(writtenCount(n, isCut)).toBe(written)
})

it('sentences write counts the same way, in both languages', async () => {
  expect(i18n.global.t('common.count.servers', 5_000)).toBe('5,000 servers')
  expect(i18n.global.t('servers.filter.count', { shown: 1_000, total: 5_000 })).toBe('1,000 of 5,000')
  expect(i18n.global.t('accounts.audit.words.alert', { id: 1_234 })).toBe('Alert 1234')
  await showIn('zh-CN')
  expect(i18n.global.t('common.count.servers', 5_000)).toBe('5,000 台服务器')
})
