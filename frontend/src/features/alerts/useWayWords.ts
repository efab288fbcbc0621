import { useI18n } from 'vue-i18n'
import type { Recipient } from './timeline'

/** By which way somebody was notified. */
export function useWayWords() {
  const { t } = useI18n()
  return ({ username, address, channel }: Recipient): string => {
    if (channel === 'email')
      return [t('alerts.timeline.email'), username === null ? null : address].filter(Boolean).join(' ')
    if (username === null && address === null) return t('alerts.timeline.channel')
    return channel === 'web_push' ? t('alerts.timeline.web_push') : channel
  }
}
