import { expect, test } from 'vitest'
import { onPage, settled } from '@/testing/onPage'
import { useRouteList, useRouteQuery } from './useRouteQuery'

test('two parameters that change in one moment both arrive, and others stay', async () => {
  const { router, held } = await onPage('/page?keep=1', () => ({ q: useRouteQuery('q'), tag: useRouteQuery('tag') }))
  held.q.value = 'web'
  held.tag.value = 'db'
  await settled()
  expect(router.currentRoute.value.query).toEqual({ keep: '1', q: 'web', tag: 'db' })
})

test('what is as usual is not in the address', async () => {
  const { router, held } = await onPage('/page?sort=cpu', () => useRouteQuery('sort', 'name'))
  expect(held.value).toBe('cpu')
  held.value = 'name'
  await settled()
  expect([router.currentRoute.value.query, held.value]).toEqual([{}, 'name'])
})

test('a list travels as one parameter', async () => {
  const { router, held } = await onPage('/page?tags=a,b', () => useRouteList('tags'))
  expect(held.value).toEqual(['a', 'b'])
  held.value = []
  await settled()
  expect(router.currentRoute.value.query).toEqual({})
})

test('a link that names a parameter twice is honoured', async () => {
  const { held } = await onPage('/page?tag=a&tag=b,c&q=one&q=two', () => ({
    tags: useRouteList('tag'),
    q: useRouteQuery('q'),
  }))
  expect([held.tags.value, held.q.value]).toEqual([['a', 'b', 'c'], 'two'])
})
