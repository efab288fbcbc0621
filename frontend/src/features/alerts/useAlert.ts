import { watchDebounced } from '@vueuse/core'
import { computed, shallowRef, watch } from 'vue'
import { listNotifications } from '@/api/admin'
import { explain, getAlert, listAlerts } from '@/api/alerts'
import { serverNow } from '@/api/clock'
import { listPolicies } from '@/api/policies'
import { getCheck, getCheckSeries } from '@/api/checks'
import type { SeriesRange } from '@/api/servers'
import { getSeries, listOutlooks } from '@/api/servers'
import type { AlertDetail, Series } from '@/api/types'
import { KINDS, linesOf } from '@/components/policy-kinds/known'
import { hostOf, subjectOf } from '@/composables/subjects'
import { usePolling } from '@/composables/usePolling'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'
import { useHeld, useLive } from '@/stores/live'
import { useSession } from '@/stores/session'
import { chartMetricOf, chartRange, momentOf } from './alertChart'

const RENEW_MS = 30_000
const SETTLE_MS = 500
const POINTS = 1_500
const LOOKED_AT = 500
const OTHERS = 8
/** Those that may still be sent are in `coming`. */
const NOT_SENT = ['parked', 'dropped']

/** One alert with its policy, samples and failed notifications, kept up to date. */
export function useAlert(id: () => number) {
  const session = useSession()
  const firing = useFiring()
  const live = useLive()
  const alert = useQuery((signal) => getAlert(id(), { signal }), [id])
  const policies = useQuery((signal) => listPolicies({ signal }))
  const policy = computed(() => policies.data.value?.find((each) => each.id === alert.data.value?.policy_id))
  const isPolicyGone = computed(
    () => policies.data.value !== undefined && policy.value === undefined && alert.data.value?.policy_id !== null,
  )
  const asOf = shallowRef(serverNow())
  const chartMetric = computed(() => (alert.data.value ? chartMetricOf(alert.data.value) : null))
  const range = computed(() => alert.data.value && chartRange(alert.data.value, policy.value, asOf.value))
  const series = useQuery(
    async (signal) =>
      range.value === undefined || chartMetric.value === null
        ? undefined
        : {
            range: range.value,
            found: await seriesOf(
              alert.data.value!,
              { metrics: [chartMetric.value], ...range.value, points: POINTS },
              signal,
            ),
          },
    [() => JSON.stringify([range.value, chartMetric.value])],
  )
  /** Why the last run of a check that is down failed. */
  const failure = useQuery(
    async (signal) => {
      const { check_id: id, metric, state } = alert.data.value ?? {}
      return typeof id === 'number' && metric === 'up' && state === 'firing'
        ? (await getCheck(id, { signal })).failed?.error
        : undefined
    },
    [alert.data],
  )
  /** What the policy that this alert is of sees now. */
  const outlooks = useQuery(
    async (signal) => {
      const shown = alert.data.value
      if (
        shown === undefined ||
        KINDS[shown.kind].linesOf === undefined ||
        shown.state !== 'firing' ||
        subjectOf(shown).kind !== 'server'
      )
        return []
      return (await listOutlooks(subjectOf(shown).id, { signal })).filter((each) => each.policy_id === shown.policy_id)
    },
    [() => alert.data.value?.id, () => alert.data.value?.expected_at],
  )
  const lines = computed(() =>
    linesOf(outlooks.data.value ?? [], chartMetric.value === null ? [] : [chartMetric.value]),
  )
  const others = useQuery(
    async (signal) => {
      const shown = alert.data.value
      if (shown === undefined) return []
      const { items } = await listAlerts({
        query: { server_id: subjectOf(shown).id, metric: shown.metric, limit: OTHERS + 1 },
        signal,
      })
      return items.filter((each) => each.id !== shown.id).slice(0, OTHERS)
    },
    [() => alert.data.value?.id, () => alert.data.value?.state],
  )
  const undelivered = useQuery(
    async (signal) => {
      const shown = alert.data.value
      if (!session.isAdmin || shown === undefined) return []
      const page = await listNotifications({ query: { server_id: subjectOf(shown).id, limit: LOOKED_AT }, signal })
      return page.items.filter(({ alert_id, delivery }) => alert_id === shown.id && NOT_SENT.includes(delivery))
    },
    [alert.data],
  )

  /** The moment that is explained, in epoch seconds; null: when it fired. */
  const picked = shallowRef<number | null>(null)
  watch(id, () => (picked.value = null))
  const explanation = useQuery(
    async (signal) => {
      const shown = alert.data.value
      if (shown === undefined) return undefined
      const { kind: subject, id: watched } = subjectOf(shown)
      return explain({
        query: {
          [`${subject}_id`]: watched,
          metric: shown.metric,
          kind: shown.kind,
          at: momentOf(shown, picked.value),
        },
        signal,
      })
    },
    [alert.data, picked],
  )

  useHeld(() => [alert.data.value && hostOf(alert.data.value)].filter((host) => typeof host === 'number'))

  function renew(): void {
    asOf.value = serverNow()
    void alert.reload()
  }

  /** Call after something was done here, which other parts of the screen show too. */
  function acted(): void {
    renew()
    firing.changed()
  }

  watchDebounced([() => firing.changes, () => live.reconnects], renew, { debounce: SETTLE_MS })
  // The stream has neither acknowledgements nor notifications.
  usePolling(() => alert.data.value?.state === 'firing' && renew(), RENEW_MS)

  return {
    alert,
    policy,
    isPolicyGone,
    chartMetric,
    failure,
    series,
    lines,
    others,
    undelivered,
    picked,
    explanation,
    acted,
  }
}

async function seriesOf(alert: AlertDetail, asked: SeriesRange, signal: AbortSignal): Promise<Series> {
  const { kind, id } = subjectOf(alert)
  return kind === 'check' ? getCheckSeries(id, asked, signal) : getSeries(id, asked, signal)
}
