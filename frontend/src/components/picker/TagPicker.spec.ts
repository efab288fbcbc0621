import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as servers from '@/api/servers'
import { i18n } from '@/locales'
import { settled } from '@/testing/onPage'
import TagPicker from './TagPicker.vue'

beforeEach(() => void vi.spyOn(servers, 'listTags').mockResolvedValue([]))
afterEach(() => document.body.replaceChildren())

/** Types each word and presses Enter after it. */
async function picked(words: string[], options: string[]): Promise<string[]> {
  let tags: string[] = []
  const picker = mount(TagPicker, {
    attachTo: document.body,
    props: {
      modelValue: tags,
      allowNew: true,
      options,
      'onUpdate:modelValue': (given: string[]) => void picker.setProps({ modelValue: (tags = given) }),
    },
    global: { plugins: [createPinia(), i18n] },
  })
  const input = picker.find('input')
  await picker.find('.el-select__wrapper').trigger('click')
  await settled()
  for (const word of words) {
    await input.setValue(word)
    await settled()
    await input.trigger('keydown', { key: 'Enter', code: 'Enter' })
    await settled()
  }
  picker.unmount()
  return tags
}

test.each([
  [['a'], [], ['a']],
  [['a', 'b'], [], ['a', 'b']],
  [['a, b；c'], [], ['a', 'b', 'c']],
  [['  '], [], []],
  [['we'], ['web'], ['we']],
  [['prod'], ['nonprod', 'prod', 'prod-2'], ['prod']],
])('typed %o, each with Enter, where %o are in use: %o', async (words, options, tags) => {
  expect(await picked(words, options)).toEqual(tags)
})
