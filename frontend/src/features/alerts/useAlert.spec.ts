import { flushPromises } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { h, ref } from 'vue'
import { fakeServer, shown } from '@/testing/fakeServer'

it('explains another alert at its own beginning, not at a moment picked before', async () => {
  fakeServer()
  const { useAlert } = await import('./useAlert')
  const id = ref(1)
  let alert!: ReturnType<typeof useAlert>
  await shown({
    setup() {
      alert = useAlert(() => id.value)
      return () => h('div')
    },
  })
  alert.picked.value = 1_800_000_000
  id.value = 2
  await flushPromises()
  expect(alert.picked.value).toBeNull()
})
