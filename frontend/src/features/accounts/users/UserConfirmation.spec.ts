import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'
import type { User } from '@/api/types'
import { button, fakeServer, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: UserConfirmation } = await import('./UserConfirmation.vue')
const BEN = { id: 7, username: 'ben' } as User
let unmount: () => void

afterEach(() => unmount())

it.each([
  ['factors', 'Reset second factor', 'DELETE /api/users/7/totp', 'ends all their sessions'],
  ['sessions', 'End all sessions', 'DELETE /api/users/7/sessions', 'on all devices'],
])('says what the reset of %s ends, and does it', async (modelValue, words, call, text) => {
  server.asked = []
  server.answers = { [call]: () => null }
  const { wrapper } = await shown(UserConfirmation, {}, { user: BEN, modelValue })
  unmount = () => wrapper.unmount()
  await flushPromises()
  expect(document.body.textContent).toContain(text)
  button(words).click()
  await flushPromises()
  expect(server.asked[0]?.[0]).toBe(call)
  expect(wrapper.emitted('done')).toHaveLength(1)
  expect(wrapper.emitted('update:modelValue')).toEqual([[undefined]])
})
