import { useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { ApiError } from '@/api/envelope'
import * as sessions from '@/api/sessions'
import type { Profile, Token } from '@/api/types'

/** One tab renews at a time: the refresh cookie is good once. */
async function oneTabAtATime(work: () => Promise<Token>): Promise<Token> {
  // Only there over HTTPS and on localhost.
  return 'locks' in navigator ? await navigator.locks.request('monitor-renew', work) : await work()
}

export const useSession = defineStore('session', () => {
  const token = shallowRef<string | null>(null)
  const user = shallowRef<Profile | null>(null)
  /** Whether we know yet if somebody is logged in. */
  const isRestored = shallowRef(false)
  /** Whether this browser may hold a refresh cookie, which no script can see: spares strangers a question in vain. */
  const mayHoldCookie = useStorage('may-be-logged-in', false)
  /** Whether somebody logged in here before: spares them the words for newcomers. */
  const isKnownHere = useStorage('has-logged-in', false)
  let renewing: Promise<string | null> | null = null

  const isLoggedIn = computed(() => user.value !== null)
  const isAdmin = computed(() => user.value?.role === 'admin')
  const mustChangePassword = computed(() => user.value?.must_change_password === true)

  function take(given: Token): void {
    token.value = given.token
    user.value = given.user
    mayHoldCookie.value = true
    isKnownHere.value = true
  }

  function forget(): void {
    token.value = null
    user.value = null
    mayHoldCookie.value = false
  }

  async function renewOnce(): Promise<string | null> {
    try {
      take(await oneTabAtATime(sessions.renewToken))
      return token.value
    } catch (error) {
      // A server that is away has not ended the session.
      if (error instanceof ApiError && error.status === 401) forget()
      return null
    }
  }

  /** A new access token for the refresh cookie, or null. Asked twice at once, it is fetched once. */
  function renew(): Promise<string | null> {
    renewing ??= renewOnce().finally(() => (renewing = null))
    return renewing
  }

  /** After a reload the cookie alone says who this is. */
  async function restore(): Promise<void> {
    if (isRestored.value) return
    if (mayHoldCookie.value) await renew()
    isRestored.value = true
  }

  async function logIn(username: string, password: string): Promise<void> {
    take(await sessions.logIn(username, password))
    isRestored.value = true
  }

  async function logOut(): Promise<void> {
    try {
      await sessions.logOut()
    } finally {
      forget()
    }
  }

  async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
    take(await sessions.changePassword(oldPassword, newPassword))
  }

  async function changeProfile(change: Parameters<typeof sessions.changeProfile>[0]): Promise<void> {
    user.value = await sessions.changeProfile(change)
  }

  return {
    token, user, isRestored, isKnownHere, isLoggedIn, isAdmin, mustChangePassword,
    renew, restore, logIn, logOut, changePassword, changeProfile,
  }
})
