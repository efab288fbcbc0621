import { expect, it } from 'vitest'
import { needsNoSession } from './access'

const WALL = { title: '', isAlone: true, isOpenedByToken: true }

it('a wallboard needs a session unless a token is in its address', () => {
  expect(needsNoSession({ meta: WALL, hash: '#secret' })).toBe(true)
  expect(needsNoSession({ meta: WALL, hash: '' })).toBe(false)
  expect(needsNoSession({ meta: WALL, hash: '#' })).toBe(false)
})

it('a token opens no other page, and a public page needs none', () => {
  expect(needsNoSession({ meta: { title: '' }, hash: '#secret' })).toBe(false)
  expect(needsNoSession({ meta: { title: '', isPublic: true }, hash: '' })).toBe(true)
})
