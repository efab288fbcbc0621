import type { Ref } from 'vue'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { listAlerts } from '@/api/alerts'
import { serverNow } from '@/api/clock'
import { listSilences } from '@/api/silences'
import type { Alert, Silence } from '@/api/types'
import type { Mark } from './types'
import { useFormat } from '@/composables/format'
import type { Subject } from '@/composables/subjects'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'
import { alertMarks, silenceMarks } from './marks'
import type { Range } from './range/range'
import { windowOf } from './range/range'

const MOST = 500

/** Marks for the alerts and silences of a server or check in each chart. *silences*: changes if there are others. */
export function useMarks({ kind, id }: Subject, silences: Ref<Silence[]>, range: Ref<Range>) {
  const { t } = useI18n()
  const format = useFormat()
  const firing = useFiring()

  // Only by the end: an alert that began before the range may last into it.
  const query = useQuery(
    async (signal): Promise<Alert[]> => {
      const { end } = windowOf(range.value, serverNow() / 1000)
      const asked = range.value.kind === 'last' ? undefined : new Date(end * 1000).toISOString()
      return (await listAlerts({ query: { server_id: id, end: asked, limit: MOST }, signal })).items
    },
    [range, () => firing.changes],
  )

  const alertLabel = (alert: Alert) => `${t(`common.level.${alert.level}`)} · ${format.metric(alert.metric)}`
  const silenceLabel = (silence: Silence) =>
    t('server.chart.silence', { reason: silence.reason || t('silences.row.noReason') })

  const silenced = useQuery(
    async (signal): Promise<Silence[]> => {
      if (silences.value.length === 0) return []
      const { start, end } = windowOf(range.value, serverNow() / 1000)
      const [from, to] = [start, end].map((seconds) => new Date(seconds * 1000).toISOString())
      return listSilences({ query: { [`${kind}_id`]: id, start: from, end: to }, signal })
    },
    [range, silences],
  )
  const drawnSilences = computed(() =>
    (silenced.data.value ?? []).map((silence) => ({ silence, marks: silenceMarks(silence, silenceLabel(silence)) })),
  )

  function marksOf(metrics: string[]): Mark[] {
    return [
      ...alertMarks(query.data.value ?? [], metrics, alertLabel),
      ...drawnSilences.value
        .filter(({ silence }) => silence.metric === null || metrics.includes(silence.metric))
        .flatMap(({ marks }) => marks),
    ]
  }

  return { marksOf, reload: query.reload }
}
