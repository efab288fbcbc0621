import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { i18n } from '@/locales'
import '@/locales/oncall'
import MemberOrder from './MemberOrder.vue'

const NAMES = ['', 'ann', 'bo', 'cem']

function ordered(ids: number[]) {
  const list = mount(MemberOrder, {
    props: { modelValue: ids, nameOf: (id: number) => NAMES[id]! },
    global: { plugins: [i18n], stubs: { UserPicker: true } },
  })
  const names = () => list.findAll('.name').map((name) => name.text())
  const last = () => list.emitted<[number[]]>('update:modelValue')?.at(-1)?.[0]
  return { list, names, last }
}

it('people are moved and removed by buttons that say whom', async () => {
  const { list, names, last } = ordered([1, 2, 3])
  expect(names()).toEqual(['ann', 'bo', 'cem'])
  await list.get('[aria-label="Move cem up"]').trigger('click')
  expect(last()).toEqual([1, 3, 2])
  await list.get('[aria-label="Remove ann"]').trigger('click')
  expect(last()).toEqual([3, 2])
  expect(list.get('[aria-label="Move cem up"]').attributes('disabled')).toBeDefined()
  expect(list.get('[aria-label="Move bo down"]').attributes('disabled')).toBeDefined()
})

it('a row can be dragged to another place', async () => {
  const { list, last } = ordered([1, 2, 3])
  const rows = list.findAll('li')
  await rows[0]!.trigger('dragstart')
  await rows[2]!.trigger('drop')
  expect(last()).toEqual([2, 3, 1])
})
