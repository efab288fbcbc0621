import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { i18n } from '@/locales'
import ThresholdField from './ThresholdField.vue'

function field(threshold: number | null) {
  const wrapper = mount(ThresholdField, {
    attachTo: document.body,
    props: {
      modelValue: threshold,
      'onUpdate:modelValue': (value: number | null) => void wrapper.setProps({ modelValue: value }),
      level: 'warning',
      metric: 'load1',
      label: 'Warning',
    },
    global: { plugins: [i18n] },
  })
  return { wrapper, input: wrapper.get('input') }
}

/** What Chromium says is in the field after each key of 10.05. */
it('takes a number key by key', async () => {
  const { wrapper, input } = field(1)
  for (const value of ['1', '10', '10', '10.0', '10.05']) {
    await input.setValue(value)
    expect(input.element.value).toBe(value)
  }
  expect(wrapper.props('modelValue')).toBe(10.05)
})

it('follows the number, which another field may set, and is empty without one', async () => {
  const { wrapper, input } = field(90)
  expect(input.element.value).toBe('90')
  await wrapper.setProps({ modelValue: 80.5 })
  expect(input.element.value).toBe('80.5')
  await wrapper.setProps({ modelValue: null })
  expect(input.element.value).toBe('')
  await input.setValue('7')
  await input.setValue('')
  expect(wrapper.props('modelValue')).toBeNull()
})
