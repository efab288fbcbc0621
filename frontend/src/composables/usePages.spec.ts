import { expect, test } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { usePages } from './usePages'

const settled = () => new Promise((resolve) => setTimeout(resolve))
const PAGES = { start: { items: [1, 2], next: 'b' }, b: { items: [3], next: null } }

test('pages follow one another until there are no more', async () => {
  const list = effectScope().run(() =>
    usePages((cursor) => Promise.resolve(PAGES[(cursor ?? 'start') as keyof typeof PAGES])),
  )!
  await settled()
  expect([list.items.value, list.hasMore.value]).toEqual([[1, 2], true])
  await list.more()
  expect([list.items.value, list.hasMore.value]).toEqual([[1, 2, 3], false])
  await list.more()
  expect(list.items.value).toEqual([1, 2, 3])
})

test('another filter begins with the first page', async () => {
  const filter = ref('')
  const list = effectScope().run(() =>
    usePages(
      (cursor) =>
        Promise.resolve(
          filter.value === '' ? PAGES[(cursor ?? 'start') as keyof typeof PAGES] : { items: [9], next: null },
        ),
      [filter],
    ),
  )!
  await settled()
  await list.more()
  filter.value = 'x'
  await nextTick()
  await settled()
  expect([list.items.value, list.hasMore.value]).toEqual([[9], false])
})

test('news reload the first page, but who has asked for further ones keeps them', async () => {
  const news = ref(0)
  let first = [1, 2]
  const list = effectScope().run(() =>
    usePages((cursor) => Promise.resolve(cursor === null ? { items: first, next: 'b' } : PAGES.b), [], [news]),
  )!
  await settled()
  first = [0, 1, 2]
  news.value += 1
  await settled()
  expect(list.items.value).toEqual([0, 1, 2])
  await list.more()
  first = [7]
  news.value += 1
  await settled()
  expect(list.items.value).toEqual([0, 1, 2, 3])
})
