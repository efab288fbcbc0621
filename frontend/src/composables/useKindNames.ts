import { useI18n } from 'vue-i18n'
import '@/locales/paging'
import { useChannelKinds } from './useChannelKinds'

/** Names kinds of ways: the account's mail, browsers, and all that channels can be. */
export function useKindNames(): (kind: string) => string {
  const { t } = useI18n()
  const { nameOf } = useChannelKinds()
  return (kind) => (kind === 'mail' || kind === 'web_push' ? t(`paging.kind.${kind}`) : nameOf(kind))
}
