import { useIntervalFn, watchDebounced } from '@vueuse/core'
import { computed, shallowRef } from 'vue'
import { listNotifications } from '@/api/admin'
import { getAlert, listAlerts } from '@/api/alerts'
import { serverNow } from '@/api/clock'
import { listPolicies } from '@/api/policies'
import { getSeries } from '@/api/servers'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'
import { useHeld, useLive } from '@/stores/live'
import { useSession } from '@/stores/session'
import { chartRange } from './chartRange'

const RENEW_MS = 30_000
const SETTLE_MS = 500
const POINTS = 1_500
const LOOKED_AT = 500
const OTHERS = 8

/** One alert with its policy, samples and failed notifications, kept up to date. */
export function useAlert(id: () => number) {
  const session = useSession()
  const firing = useFiring()
  const live = useLive()
  const alert = useQuery((signal) => getAlert(id(), { signal }), [id])
  const policies = useQuery((signal) => listPolicies({ signal }))
  const policy = computed(() => policies.data.value?.find((each) => each.id === alert.data.value?.policy_id))
  const isPolicyGone = computed(() => policies.data.value !== undefined && policy.value === undefined)
  const asOf = shallowRef(serverNow())
  /** An offline server has no samples: its CPU chart shows the gap. */
  const chartMetric = computed(() => (alert.data.value?.metric === 'offline' ? 'cpu' : (alert.data.value?.metric ?? '')))
  const range = computed(() => alert.data.value && chartRange(alert.data.value, policy.value, asOf.value))
  const series = useQuery(
    async (signal) => (range.value === undefined ? undefined : { range: range.value, found: await getSeries(alert.data.value!.server_id, { metrics: [chartMetric.value], ...range.value, points: POINTS }, signal) }),
    [() => JSON.stringify([range.value, chartMetric.value])],
  )
  const others = useQuery(
    async (signal) => {
      const shown = alert.data.value
      if (shown === undefined) return []
      const { items } = await listAlerts({ query: { server_id: shown.server_id, metric: shown.metric, limit: OTHERS + 1 }, signal })
      return items.filter((each) => each.id !== shown.id).slice(0, OTHERS)
    },
    [() => alert.data.value?.id, () => alert.data.value?.state],
  )
  const undelivered = useQuery(
    async (signal) => {
      const shown = alert.data.value
      if (!session.isAdmin || shown === undefined) return []
      const page = await listNotifications({ query: { server_id: shown.server_id, limit: LOOKED_AT }, signal })
      return page.items.filter((each) => each.alert_id === shown.id && each.delivery !== 'sent')
    },
    [alert.data],
  )

  useHeld(() => (alert.data.value === undefined ? [] : [alert.data.value.server_id]))

  function renew(): void {
    asOf.value = serverNow()
    void alert.reload()
  }

  watchDebounced([() => firing.changes, () => live.reconnects], renew, { debounce: SETTLE_MS })
  // The stream has neither acknowledgements nor notifications.
  useIntervalFn(() => document.visibilityState === 'visible' && alert.data.value?.state === 'firing' && renew(), RENEW_MS)

  return { alert, policy, isPolicyGone, chartMetric, series, others, undelivered, renew }
}
