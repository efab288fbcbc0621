import { useI18n } from 'vue-i18n'
import type { Incident } from '@/api/incidents'
import '@/locales/incidents'
import { useFiring } from '@/stores/firing'

/** Describes an incident in words. */
export function useIncidentWords() {
  const { t } = useI18n()
  const firing = useFiring()

  /** How many servers and alerts, and how many of these fire. */
  function size({ server_count, alert_count, alerts_firing, state }: Incident): string {
    const alerts =
      state === 'ended' || alerts_firing === alert_count
        ? t('incidents.alerts', alert_count)
        : t('incidents.firing', { n: alert_count, firing: alerts_firing }, alert_count)
    return `${t('common.count.servers', server_count)} · ${alerts}`
  }

  /** Who acknowledged it. Empty if not all of it is acknowledged. */
  function acknowledged({ id, state }: Incident): string {
    if (state !== 'acknowledged') return ''
    const of = firing.alerts.filter((alert) => alert.incident_id === id)
    const names = [...new Set(of.flatMap(({ acknowledged_by: name }) => name ?? []))]
    return names.length === 0
      ? t('alerts.mark.acknowledged')
      : t('alerts.mark.acknowledgedBy', { name: names.join(t('incidents.and')) })
  }

  return { size, acknowledged }
}
