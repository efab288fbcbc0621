import { useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { serverNow } from '@/api/clock'
import type { Ended } from '@/api/envelope'
import { ApiError } from '@/api/envelope'
import * as passkeys from '@/api/passkeys'
import * as sessions from '@/api/sessions'
import { toDate } from '@/api/times'
import type { PasskeyAnswer, Profile, Token } from '@/api/types'

/** Time to make a change that needs a recent log-in. */
const ENOUGH_MS = 120_000

/** A cookie that says that single sign-on has just set the refresh cookie. */
const ARRIVED = 'monitor_arrived=1'

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
  /** True if this browser may have a refresh cookie, which scripts cannot see. Without it no request is sent. public/early.js reads it too. */
  const mayHoldCookie = useStorage('may-be-logged-in', false)
  /** True after the first log-in in this browser: hides the hint for new users. */
  const isKnownHere = useStorage('has-logged-in', false)
  /** Why the session ended while a page is open. Its user is asked for the password. Null if it has not ended. */
  const ended = shallowRef<Ended | null>(null)
  let renewing: Promise<string | null> | null = null
  let reloading: Promise<void> | null = null
  /** Answers the request that waits for the password: the new token, or null. */
  let answer: (token: string | null) => void = () => undefined
  let isLoggingOut = false

  const isLoggedIn = computed(() => user.value !== null)
  /** False for users of single sign-on, and for all where nothing else is taken. */
  const hasPassword = computed(() => user.value?.has_password !== false)
  const isAdmin = computed(() => user.value?.role === 'admin')
  /** The user, unless an administrator: users stay linked to the servers that they add or change. */
  const alwaysLinked = computed(() => (isAdmin.value || user.value === null ? [] : [user.value.id]))
  const mustChangePassword = computed(() => user.value?.must_change_password === true)
  const mustSetUpFactor = computed(() => user.value?.must_set_up_second_factor === true)
  /** False while nothing is allowed except to change the password or to set up a second factor. */
  const isReady = computed(() => isLoggedIn.value && !mustChangePassword.value && !mustSetUpFactor.value)

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

  /** An answer may come after the user has logged out. */
  function keep(profile: Profile): void {
    if (user.value?.id === profile.id) user.value = profile
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
    if (mayHoldCookie.value || document.cookie.includes(ARRIVED)) await renew()
    isRestored.value = true
  }

  async function logIn(username: string, password: string, code?: string): Promise<void> {
    take(await sessions.logIn(username, password, code))
    isRestored.value = true
  }

  async function logInWithPasskey(credential: PasskeyAnswer['credential']): Promise<void> {
    take(await passkeys.logInWithPasskey(credential))
    isRestored.value = true
  }

  async function reauthenticateWithPasskey(credential: PasskeyAnswer['credential']): Promise<void> {
    await passkeys.reauthenticateWithPasskey(credential)
    await reload()
  }

  async function logInByLink(token: string): Promise<void> {
    take(await sessions.logInByLink(token))
    isRestored.value = true
  }

  async function reauthenticate(password: string, code?: string): Promise<void> {
    keep(await sessions.reauthenticate(password, code))
  }

  /** True if sensitive changes need no new confirmation. */
  function isFresh(): boolean {
    const until = user.value?.fresh_until ?? null
    return until !== null && toDate(until).getTime() > serverNow() + ENOUGH_MS
  }

  /** Fetches the profile again, such as after a change of the second factor. */
  async function reload(): Promise<void> {
    keep(await sessions.me())
  }

  /** The policy may ask for a second factor since the user logged in. Concurrent calls share one request. */
  function lacksFactor(): void {
    if (!mustSetUpFactor.value)
      reloading ??= reload()
        .catch(() => undefined)
        .finally(() => (reloading = null))
  }

  async function logOut(): Promise<void> {
    isLoggingOut = true
    try {
      const elsewhere = await sessions.logOut()
      // Else the issuer would log the next user of this browser in without asking.
      if (elsewhere !== null) window.location.assign(elsewhere.location)
    } finally {
      isLoggingOut = false
      forget()
    }
  }

  async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
    take(await sessions.changePassword(oldPassword, newPassword))
  }

  async function changeProfile(change: Parameters<typeof sessions.changeProfile>[0]): Promise<void> {
    keep(await sessions.changeProfile(change))
  }

  // The same user may have logged in again in another tab.
  watch(mayHoldCookie, (may) => {
    if (may && ended.value !== null) void oneTabAtATime(sessions.renewToken).then(take, () => undefined)
  })

  return {
    token,
    user,
    isRestored,
    isKnownHere,
    mayHoldCookie,
    ended,
    isLoggedIn,
    hasPassword,
    isAdmin,
    alwaysLinked,
    mustChangePassword,
    mustSetUpFactor,
    isReady,
    renew,
    restore,
    logIn,
    logInByLink,
    logInWithPasskey,
    reauthenticate,
    reauthenticateWithPasskey,
    isFresh,
    reload,
    lacksFactor,
    logOut,
    forget,
    changePassword,
    changeProfile,
  }
})
