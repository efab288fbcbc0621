import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { listMethods } from '@/api/sessions'
import type { LogInMethods } from '@/api/types'
import { offersPasskeys } from '@/composables/webauthn'
import { useSession } from './session'

const AGAIN_MS = 3_000

/** The ways to log in that this server has, and the user of this session. Passwords are assumed until it has answered. */
export const useMethods = defineStore('methods', () => {
  const session = useSession()
  const methods = shallowRef<LogInMethods>()
  const isAsking = shallowRef(false)
  let asked: Promise<void> | null = null

  const isLoading = computed(() => isAsking.value && methods.value === undefined)
  const takesPasswords = computed(() => methods.value?.password !== false)
  const takesPasskeys = computed(() => methods.value?.passkeys === true)
  /** The name of single sign-on, if there is any. */
  const signOn = computed(() => methods.value?.oidc?.name)
  const hasPassword = computed(() => takesPasswords.value && session.hasPassword)
  const hasPasskey = computed(() => takesPasskeys.value && (session.user?.passkeys ?? 0) > 0)
  const mayUsePasskey = computed(() => hasPasskey.value && offersPasskeys())

  async function ask(): Promise<void> {
    isAsking.value = true
    // What was known still holds if the server cannot be reached.
    methods.value = await listMethods().catch(() => methods.value)
    isAsking.value = false
    // Else a server without passwords would ask for one until the page is loaded again.
    if (methods.value === undefined) setTimeout(() => void refresh(), AGAIN_MS)
  }

  /** Asks the server again. Concurrent calls share one request. */
  function refresh(): Promise<void> {
    asked ??= ask().finally(() => (asked = null))
    return asked
  }

  return { isLoading, takesPasswords, takesPasskeys, signOn, hasPassword, hasPasskey, mayUsePasskey, refresh }
})
