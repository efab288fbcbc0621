import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { useSession } from './session'

/** Asks the user to confirm who they are, for all requests that wait for it. */
export const useConfirmation = defineStore('confirmation', () => {
  const session = useSession()
  const isAsking = shallowRef(false)
  let asked: Promise<boolean> | null = null
  let answer: (isConfirmed: boolean) => void = () => undefined

  /** Returns true once the user has confirmed who they are, or false if they cancel. Concurrent calls share one dialog. */
  function ask(): Promise<boolean> {
    if (!session.isLoggedIn) return Promise.resolve(false)
    asked ??= new Promise((resolve) => (answer = resolve))
    isAsking.value = true
    return asked
  }

  function settle(isConfirmed: boolean): void {
    isAsking.value = false
    asked = null
    answer(isConfirmed)
  }

  watch(
    () => session.isLoggedIn,
    (isLoggedIn) => !isLoggedIn && isAsking.value && settle(false),
  )

  return { isAsking, ask, settle }
})
