import { useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { Ended } from '@/api/envelope'
import { ApiError } from '@/api/envelope'
import * as sessions from '@/api/sessions'
import type { Profile, Scope, Token } from '@/api/types'
import { isOfServer } from '@/composables/scopes'

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
  /** Why the session is over under an open page, whose user is asked for the password; null while it is not. */
  const ended = shallowRef<Ended | null>(null)
  let renewing: Promise<string | null> | null = null
  /** To whoever waits for that password: the new token, or null. */
  let answer: (token: string | null) => void = () => undefined
  let isLoggingOut = false

  const isLoggedIn = computed(() => user.value !== null)
  const isAdmin = computed(() => user.value?.role === 'admin')
  /** True if the user may change policies and silences of *scope*. The server shows users only those of their servers. */
  const mayChange = (scope: Scope) => isAdmin.value || isOfServer(scope)
  const mustChangePassword = computed(() => user.value?.must_change_password === true)

  function take(given: Token): void {
    // What is open was typed by somebody else: it is not to be sent in this one's name.
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

  /** The page stays as it is until the password has been given again, or its user leaves. */
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
      // A server that is away has not ended the session.
      if (!(error instanceof ApiError && error.status === 401)) return null
      if (isLoggedIn.value && !isLoggingOut) return askAgain(error.ended === 'unknown' ? why : error.ended)
      forget()
      return null
    }
  }

  /** A new access token for the refresh cookie or the password, or null. Asked for twice at once, it is had once. */
  function renew(why: Ended = 'unknown'): Promise<string | null> {
    renewing ??= renewOnce(why).finally(() => (renewing = null))
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

  // The same person may have logged in again in another tab.
  watch(mayHoldCookie, (may) => {
    if (may && ended.value !== null) void oneTabAtATime(sessions.renewToken).then(take, () => undefined)
  })

  return {
    token, user, isRestored, isKnownHere, ended, isLoggedIn, isAdmin, mayChange, mustChangePassword,
    renew, restore, logIn, logOut, forget, changePassword, changeProfile,
  }
})
