import type { Locale } from '@/locales'
import { usePreferences } from '@/stores/preferences'
import { useSession } from '@/stores/session'
import { useNotice } from './useNotice'

/** Changes the language of the screen and, for a logged-in user, of their e-mails. */
export function useLanguage() {
  const preferences = usePreferences()
  const session = useSession()
  const notice = useNotice()

  return async function choose(locale: Locale): Promise<void> {
    await preferences.useLocale(locale)
    if (session.isReady && session.user?.locale !== locale) {
      await notice.attempt(() => session.changeProfile({ locale }))
    }
  }
}
