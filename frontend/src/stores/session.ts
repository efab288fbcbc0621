import { useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { Ended } from '@/api/envelope'
import { ApiError } from '@/api/envelope'
import * as sessions from '@/api/sessions'
import type { Profile, Token } from '@/api/types'

/** Only one tab renews at a time: a refresh cookie works once. */
async function oneTabAtATime(work: () => Promise<Token>): Promise<Token> {
  // Browsers offer locks over HTTPS and on localhost only.
  return 'locks' in navigator ? await navigator.locks.request('monitor-renew', work) : await work()
}

export const useSession = defineStore('session', () => {
  const token = shallowRef<string | null>(null)
  const user = shallowRef<Profile | null>(null)
  /** True once it is known whether a user is logged in. */
  const isRestored = shallowRef(false)
  /** True if this browser may have a refresh cookie, which scripts cannot see. Without it no request is sent. */
  const mayHoldCookie = useStorage('may-be-logged-in', false)
  /** True after the first log-in in this browser: hides the hint for new users. */
  const isKnownHere = useStorage('has-logged-in', false)
  /** Why the session ended while a page is open. Its user is asked for the password. Null if it has not ended. */
  const ended = shallowRef<Ended | null>(null)
  let renewing: Promise<string | null> | null = null
  /** Answers the request that waits for the password: the new token, or null. */
  let answer: (token: string | null) => void = () => undefined
  let isLoggingOut = false

  const isLoggedIn = computed(() => user.value !== null)
  const isAdmin = computed(() => user.value?.role === 'admin')
  /** The user, unless an administrator: users stay linked to the servers that they add or change. */
  const alwaysLinked = computed(() => (isAdmin.value || user.value === null ? [] : [user.value.id]))
  const mustChangePassword = computed(() => user.value?.must_change_password === true)

  function take(given: Token): void {
    // Another user typed what is on the page: it must not be sent as this user.
    if (user.value !== null && user.value.id !== given.user.id) return forget()
    token.value = given.token
    user.value = given.user
    mayHoldCookie.value = true
    isKnownHere.value = true
    settle()
  }

  function forget(): void {
    token.value = null
    user.value = null
    mayHoldCookie.value = false
    settle()
  }

  function settle(): void {
    ended.value = null
    answer(token.value)
  }

  /** Keeps the page as it is until the password is entered again or the user leaves. */
  function askAgain(why: Ended): Promise<string | null> {
    token.value = null
    mayHoldCookie.value = false
    ended.value = why
    return new Promise((resolve) => (answer = resolve))
  }

  async function renewOnce(why: Ended): Promise<string | null> {
    try {
      take(await oneTabAtATime(sessions.renewToken))
      return token.value
    } catch (error) {
      // The session has not ended if the server cannot be reached.
      if (!(error instanceof ApiError && error.status === 401)) return null
      if (isLoggedIn.value && !isLoggingOut) return askAgain(error.ended === 'unknown' ? why : error.ended)
      forget()
      return null
    }
  }

  /** A new access token for the refresh cookie or the password, or null. Concurrent calls share one request. */
  function renew(why: Ended = 'unknown'): Promise<string | null> {
    renewing ??= renewOnce(why).finally(() => (renewing = null))
    return renewing
  }

  /** Restores the session from the cookie after a reload. */
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
    isLoggingOut = true
    try {
      await sessions.logOut()
    } finally {
      isLoggingOut = false
      forget()
    }
  }

  async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
    take(await sessions.changePassword(oldPassword, newPassword))
  }

  async function changeProfile(change: Parameters<typeof sessions.changeProfile>[0]): Promise<void> {
    user.value = await sessions.changeProfile(change)
  }

  // The same user may have logged in again in another tab.
  watch(mayHoldCookie, (may) => {
    if (may && ended.value !== null) void oneTabAtATime(sessions.renewToken).then(take, () => undefined)
  })

  return {
    token, user, isRestored, isKnownHere, ended, isLoggedIn, isAdmin, alwaysLinked, mustChangePassword,
    renew, restore, logIn, logOut, forget, changePassword, changeProfile,
  }
})
