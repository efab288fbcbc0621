import { expect, it } from 'vitest'
import { onPage, settled } from '@/testing/onPage'
import { useAddLink } from './useAddLink'

it('adds when a link leads here, also from this page, and only once for each', async () => {
  let added = 0
  const { router } = await onPage('/page?add=1&q=a', () => useAddLink(() => void added++))
  await settled()
  expect([added, router.currentRoute.value.fullPath]).toEqual([1, '/page?q=a'])
  await router.push('/page?add=1')
  await settled()
  expect([added, router.currentRoute.value.fullPath]).toEqual([2, '/page'])
})
