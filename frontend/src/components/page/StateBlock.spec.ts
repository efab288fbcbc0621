import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { ApiError } from '@/api/envelope'
import { i18n, showIn } from '@/locales'
import StateBlock from './StateBlock.vue'

function shown(error: ApiError): string {
  return mount(StateBlock, { props: { error }, global: { plugins: [i18n] } }).text()
}

it.each([
  ['en', 'Older history is unavailable', 'alerts and reports are not affected'],
  ['zh-CN', '更早的历史暂不可用', '告警和上报不受影响'],
] as const)('says in %s what is missed while the store of older history is away', async (language, title, hint) => {
  await showIn(language)
  const text = shown(new ApiError(503, 'history_unavailable', ''))
  expect(text).toContain(title)
  expect(text).toContain(hint)
})

it('says that the server cannot be reached for any other 503', () => {
  i18n.global.locale.value = 'en'
  expect(shown(new ApiError(503, 'storage_unavailable', ''))).toContain('The server cannot be reached')
})
