import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute } from 'vue-router'

/** Why a log-in elsewhere, such as single sign-on, came back without a result: the words for `?error=`, or "". */
export function useSignOnError() {
  const { t, te } = useI18n()
  const route = useRoute()
  return computed(() => {
    const slug = route.query.error
    if (typeof slug !== 'string') return ''
    return /^[a-z_]+$/.test(slug) && te(`session.login.errors.${slug}`)
      ? t(`session.login.errors.${slug}`)
      : t('session.login.errors.other')
  })
}
