import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { i18n } from '@/locales'
import TimeText from './TimeText.vue'

test.each([
  ['is never only if that is known', null, 'never'],
  ['waits for what is not known yet', undefined, '…'],
])('a time that is not there %s', (_, at, written) => {
  expect(mount(TimeText, { props: { at }, global: { plugins: [i18n] } }).text()).toBe(written)
})
