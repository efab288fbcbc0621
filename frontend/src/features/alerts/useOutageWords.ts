import { useI18n } from 'vue-i18n'
import { outageOf } from './outage'

/** Puts the note of a check-in's alert into words. Undefined for other notes. */
export function useOutageWords() {
  const { t } = useI18n()

  return (note: string): string | undefined => {
    const outage = outageOf(note)
    if (outage === undefined) return undefined
    if (outage.kind === 'missed') return t('alerts.why.missed', { at: outage.at, zone: outage.zone })
    const what = outage.status === null ? t('alerts.why.failed') : t('alerts.why.status', { n: outage.status })
    return outage.said === '' ? what : t('alerts.why.said', { what, output: outage.said })
  }
}
