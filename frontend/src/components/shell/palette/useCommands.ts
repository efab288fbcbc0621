import { Operation, Plus, TrendCharts, User } from '@element-plus/icons-vue'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { timeZone } from '@/composables/times'
import { useLanguage } from '@/composables/useLanguage'
import { useNotice } from '@/composables/useNotice'
import { LOCALE_NAMES, LOCALES } from '@/locales'
import { usePreferences } from '@/stores/preferences'
import { useSession } from '@/stores/session'
import { ADMINISTRATION, MONITORING } from '../nav/navigation'
import type { Group, Item } from './items'

const THEMES = ['system', 'light', 'dark'] as const
const FORECASTS = { name: 'forecasts', to: '/forecasts', title: 'common.nav.forecasts', icon: TrendCharts }
const PROFILE = { name: 'profile', to: '/profile', title: 'common.nav.profile', icon: User }

/** The actions and pages of the palette, of those that this person may use. Also found by their English names. */
export function useCommands(showKeys: () => void) {
  const { t } = useI18n()
  const session = useSession()
  const preferences = usePreferences()
  const notice = useNotice()
  const chooseLanguage = useLanguage()

  const adding = (title: string, to: string): Item => ({ key: to, label: t(title), also: 'add new', icon: Plus, to })
  const doing = (key: string, label: string, act: () => unknown) => ({ key, label, also: key, icon: Operation, act })
  const set = (what: string, value: string) => t('palette.set', { what: t(what), value })

  const added = computed(() => [
    adding('servers.form.add', '/servers?add=1'),
    adding('silences.new', '/silences?add=1'),
    adding('policies.new', '/policies/new'),
    ...(session.isAdmin
      ? [
          adding('checks.add', '/checks?add=1'),
          adding('checkIns.add', '/check-ins?add=1'),
          adding('accounts.users.add', '/users?add=1'),
          adding('palette.addTeam', '/teams?add=1'),
        ]
      : []),
  ])
  const done = computed((): Item[] => [
    ...THEMES.filter((theme) => theme !== preferences.theme).map((theme) =>
      doing(`theme ${theme}`, set('common.theme.label', t(`common.theme.${theme}`)), () => (preferences.theme = theme)),
    ),
    ...LOCALES.filter((locale) => locale !== preferences.locale).map((locale) =>
      doing(`language ${locale}`, set('common.language', LOCALE_NAMES[locale]), () => chooseLanguage(locale)),
    ),
    doing('time zone', t(timeZone.value === 'utc' ? 'common.time.toLocal' : 'common.time.toUtc'), () => {
      timeZone.value = timeZone.value === 'utc' ? 'local' : 'utc'
    }),
    doing('keys', t('common.help.title'), showKeys),
    doing('log out', t('common.action.logOut'), () => notice.attempt(() => session.logOut())),
  ])
  const pages = computed(() =>
    [...MONITORING, FORECASTS, ...(session.isAdmin ? ADMINISTRATION : []), PROFILE].map(
      ({ name, to, title, icon }): Item => ({ key: to, label: t(title), also: name, icon, to }),
    ),
  )

  return computed((): Group[] => [
    { title: t('palette.actions'), items: [...added.value, ...done.value] },
    { title: t('palette.pages'), items: pages.value },
  ])
}
