import { flushPromises } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { shown } from '@/testing/fakeServer'
import ServerPicker from './ServerPicker.vue'

it('shows the server that is chosen from the start, although its list was not loaded', async () => {
  const { wrapper } = await shown(ServerPicker, {}, { modelValue: 25 })
  await flushPromises()
  expect(wrapper.text()).toBe('#25')
})
