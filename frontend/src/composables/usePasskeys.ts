import { useI18n } from 'vue-i18n'
import { ApiError } from '@/api/envelope'
import type { PasskeyAnswer } from '@/api/types'
import { beginPasskey, beginPasskeyLogin } from '@/api/passkeys'
import { makePasskey, PasskeyError, signWithPasskey } from './webauthn'

type Use<T> = (credential: PasskeyAnswer['credential']) => Promise<T>

/** Makes passkeys and signs with them. Both return undefined if the user cancels, and throw an ApiError in words. */
export function usePasskeys() {
  const { t } = useI18n()

  async function attempt<T>(ask: () => Promise<PasskeyAnswer['credential']>, use: Use<T>): Promise<T | undefined> {
    let credential: PasskeyAnswer['credential']
    try {
      credential = await ask()
    } catch (error) {
      if (!(error instanceof PasskeyError)) throw error
      if (error.problem === 'cancelled') return undefined
      throw new ApiError(400, `passkey_${error.problem}`, t(`session.passkey.${error.problem}`))
    }
    return use(credential)
  }

  return {
    make: <T>(use: Use<T>) => attempt(async () => makePasskey(await beginPasskey()), use),
    sign: <T>(use: Use<T>) => attempt(async () => signWithPasskey(await beginPasskeyLogin()), use),
  }
}
