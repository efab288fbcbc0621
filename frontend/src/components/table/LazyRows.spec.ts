import { mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { h, nextTick } from 'vue'
import LazyRows from './LazyRows.vue'

const rows = (count: number) => Array.from({ length: count }, (_, at) => at)

function list(count: number) {
  const watched = new Map<Element, (entries: object[]) => void>()
  class Observer {
    constructor(private readonly tell: (entries: object[]) => void) {}
    observe = (target: Element) => watched.set(target, this.tell)
    disconnect = () => undefined
  }
  vi.stubGlobal('IntersectionObserver', Observer)
  const wrapper = mount(LazyRows<number>, {
    props: { rows: rows(count), tag: 'ul', rowHeight: 10, keyOf: (row: number) => row },
    slots: { default: ({ row }: { row: number }) => h('li', { class: 'row' }, row) },
  })
  const see = async (chunk: number, isIntersecting: boolean, height = 0) => {
    await nextTick()
    const box = wrapper.findAll('ul')[chunk]!.element
    watched.get(box)!([{ isIntersecting, boundingClientRect: { height } }])
    await nextTick()
  }
  return { wrapper, see, drawn: () => wrapper.findAll('.row').map((row) => Number(row.text())) }
}

it('a short list is there whole', () => expect(list(100).drawn()).toEqual(rows(100)))

it('of a long list only what is near the view is drawn, and the rest leaves its room', async () => {
  const { wrapper, see, drawn } = list(500)
  expect(drawn()).toEqual(rows(25))
  const roomOf = (chunk: number) => wrapper.findAll('ul')[chunk]!.find('li').attributes('style')
  expect(roomOf(1)).toContain('250px')
  await see(1, true)
  expect(drawn()).toEqual(rows(50))
  await see(0, false, 333)
  expect(drawn()).toEqual(rows(50).slice(25))
  expect(roomOf(0)).toContain('333px')
})
