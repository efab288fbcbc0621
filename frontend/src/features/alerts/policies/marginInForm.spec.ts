import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { ElInputNumber } from 'element-plus'
import { expect, it } from 'vitest'
import { i18n } from '@/locales'
import type { PolicyValues } from './policyForm'
import { blankPolicy } from './policyForm'
import PolicyForm from './PolicyForm.vue'

function opened(values: PolicyValues) {
  const form = mount(PolicyForm, {
    props: {
      modelValue: values,
      errorOf: () => '',
      'onUpdate:modelValue': (given: PolicyValues) => form.setProps({ modelValue: given }),
    },
    global: { plugins: [i18n, createPinia()], stubs: { RouterLink: true, MetricPicker: true, ScopePicker: true } },
  })
  const margin = () => form.findAllComponents(ElInputNumber).find((input) => input.props('ariaLabel') === 'Margin')!
  return {
    form,
    shown: () => margin().props('modelValue'),
    type: (value: number | null) => {
      margin().vm.$emit('update:modelValue', value)
      return form.vm.$nextTick()
    },
    threshold: (name: string, text: string) => form.get(`input[type=number][aria-label="${name}"]`).setValue(text),
  }
}

it('shows the margin that applies, which follows the thresholds until one is typed', async () => {
  const { form, shown, type, threshold } = opened({
    ...blankPolicy({ tag: null, server_id: null }),
    metric: 'load1',
    warning: 2,
    critical: 4,
  })
  expect(shown()).toBe(0.2)
  await threshold('Critical threshold', '6')
  expect(shown()).toBe(0.4)
  await threshold('Warning threshold', '')
  expect(shown()).toBe(0.6)
  await type(1)
  await threshold('Critical threshold', '8')
  expect(shown()).toBe(1)
  expect(form.props('modelValue')).toMatchObject({ critical: 8, clear_margin: 1 })
  await type(null)
  expect(shown()).toBe(0.8)
})
