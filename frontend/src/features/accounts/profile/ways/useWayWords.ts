import { useI18n } from 'vue-i18n'
import type { Way } from '@/api/ways'
import { destinationOf } from '@/composables/channelSettings'
import { useFormat } from '@/composables/format'
import { useChannelKinds } from '@/composables/useChannelKinds'
import { useKindNames } from '@/composables/useKindNames'
import { useNow } from '@/composables/useNow'
import { useSession } from '@/stores/session'
import { MAIL, WEB_PUSH } from './wayForm'

/** Describes ways in words. */
export function useWayWords() {
  const { t } = useI18n()
  const format = useFormat()
  const now = useNow()
  const session = useSession()
  const kindName = useKindNames()
  const { kinds } = useChannelKinds()
  const formOf = (kind: string) => kinds.value?.find((known) => known.kind === kind)

  function destination({ kind, settings }: Way): string {
    if (kind === MAIL) return session.user?.email ?? t('paging.ways.noAddress')
    if (kind === WEB_PUSH) return settings.label ?? ''
    return destinationOf({ settings }, formOf(kind))
  }

  const nameOf = (way: Way) => [kindName(way.kind), destination(way)].filter(Boolean).join(' · ')

  /** When the way is used. */
  const when = ({ level, after }: Way) =>
    [
      t(`common.notifyFrom.${level}`),
      after === 0 ? t('paging.ways.immediately') : t('paging.ways.after', { span: format.duration(after) }),
    ].join(' · ')

  const confirmed = ({ confirmed_at }: Way) =>
    confirmed_at === null
      ? t('paging.ways.unconfirmed')
      : t('paging.ways.confirmed', { when: format.when(confirmed_at, now.value) })

  return { kindName, destination, nameOf, when, confirmed }
}

export type WayWords = ReturnType<typeof useWayWords>
