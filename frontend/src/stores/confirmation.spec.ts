import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { aProfile } from '@/testing/fakeServer'
import { useConfirmation } from './confirmation'
import { useSession } from './session'

beforeEach(() => {
  setActivePinia(createPinia())
  useSession().user = aProfile()
})

it('asks once for all that wait, and answers all', async () => {
  const confirmation = useConfirmation()
  const both = Promise.all([confirmation.ask(), confirmation.ask()])
  expect(confirmation.isAsking).toBe(true)
  confirmation.settle(true)
  expect(await both).toEqual([true, true])
  expect(confirmation.isAsking).toBe(false)
})

it('asks anew after an answer', async () => {
  const confirmation = useConfirmation()
  const first = confirmation.ask()
  confirmation.settle(false)
  const second = confirmation.ask()
  confirmation.settle(true)
  expect([await first, await second]).toEqual([false, true])
})

it('closes when the user leaves, and asks no one who is not logged in', async () => {
  const confirmation = useConfirmation()
  const waiting = confirmation.ask()
  useSession().forget()
  await nextTick()
  expect(await waiting).toBe(false)
  expect(await confirmation.ask()).toBe(false)
  expect(confirmation.isAsking).toBe(false)
})
