import { createSharedComposable } from '@vueuse/core'
import { useI18n } from 'vue-i18n'
import { listChannelKinds } from '@/api/admin'
import type { Locale } from '@/locales'
import { useQuery } from './useQuery'

/** The kinds of channels that the server knows, with their names in the reader's language. A page asks once. */
export const useChannelKinds = createSharedComposable(() => {
  const { locale } = useI18n()
  const { data: kinds, error, isLoading, reload } = useQuery((signal) => listChannelKinds({ signal }))
  const nameOf = (kind: string) =>
    kinds.value?.find((known) => known.kind === kind)?.label[locale.value as Locale] ?? kind
  return { kinds, error, isLoading, reload, nameOf }
})
