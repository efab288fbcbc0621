import { createSharedComposable } from '@vueuse/core'
import { useI18n } from 'vue-i18n'
import '@/locales/paging'
import { useChannelKinds } from './useChannelKinds'

/** Asked for once, however many parts of a page name kinds. */
const useKinds = createSharedComposable(useChannelKinds)

/** Names kinds of ways: the account's mail, browsers, and all that channels can be. */
export function useKindNames(): (kind: string) => string {
  const { t } = useI18n()
  const { nameOf } = useKinds()
  return (kind) => (kind === 'mail' || kind === 'web_push' ? t(`paging.kind.${kind}`) : nameOf(kind))
}
