import { flushPromises } from '@vue/test-utils'
import { ElInputNumber } from 'element-plus'
import { expect, it, vi } from 'vitest'
import { fakeServer, shown } from '@/testing/fakeServer'

it('shows the margin that the server gives the thresholds until one is typed', async () => {
  const usual: Record<string, number> = { '2 4': 0.2, '2 6': 0.4 }
  const server = fakeServer()
  server.answers['POST /api/alert-policies/preview'] = ({ warning, critical }) => ({
    clear_margin: usual[`${warning} ${critical}`],
  })
  const { default: PolicyForm } = await import('./PolicyForm.vue')
  const { blankPolicy } = await import('./policyForm')
  const values = { ...blankPolicy({ server_id: 7 }), metric: 'load1', warning: 2, critical: 4 }
  const { wrapper } = await shown(PolicyForm, {}, { modelValue: values, errorOf: () => '' })
  const margin = () => wrapper.findAllComponents(ElInputNumber).find((input) => input.props('ariaLabel') === 'Margin')!
  const change = (part: object) => wrapper.setProps({ modelValue: { ...values, ...part } })
  const shows = (value: number) => vi.waitFor(() => expect(margin().props('modelValue')).toBe(value))

  await shows(0.2)
  await change({ critical: 6 })
  await shows(0.4)
  await change({ critical: 6, clear_margin: 1 })
  await shows(1)
  margin().vm.$emit('update:modelValue', null)
  await flushPromises()
  expect(wrapper.emitted('update:modelValue')?.at(-1)).toMatchObject([{ critical: 6, clear_margin: null }])
  const asked = server.asked.filter(([call]) => call === 'POST /api/alert-policies/preview')
  expect(asked.map(([, body]) => body)).toMatchObject([
    { critical: 4, clear_margin: null, scope: { server_id: null } },
    { critical: 6, clear_margin: null, scope: { server_id: null } },
  ])
})
