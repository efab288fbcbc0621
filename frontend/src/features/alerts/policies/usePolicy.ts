import { computed, shallowRef, watch } from 'vue'
import { useRoute } from 'vue-router'
import type { ListedPolicy } from '@/api/policies'
import { changePolicy, createPolicy, listPoliciesWithReach } from '@/api/policies'
import { EVERYTHING } from '@/composables/subjects'
import { useForm } from '@/composables/useForm'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'
import { useSession } from '@/stores/session'
import type { PolicyValues } from './policyForm'
import { suggestedIn } from './suggestions'
import { blankPolicy, copyOf, thresholdsFor, toChange, toNewPolicy, valuesOf } from './policyForm'

/** The form of the policy with *id*, or of a new policy, whose initial values may be in the address. */
export function usePolicy(id: () => number | undefined) {
  const { query } = useRoute()
  const session = useSession()
  const firing = useFiring()
  const copied = Number(query.from) || undefined
  const stored = shallowRef<ListedPolicy>()
  const policies = useQuery(async (signal) =>
    id() === undefined && copied === undefined ? [] : listPoliciesWithReach({ signal }),
  )
  const form = useForm(begin, (values) =>
    stored.value === undefined
      ? createPolicy(toNewPolicy(values))
      : changePolicy(stored.value.id, toChange(values, stored.value)),
  )
  const isMissing = computed(
    () => id() !== undefined && policies.data.value !== undefined && stored.value === undefined,
  )
  const isReady = computed(() => policies.data.value !== undefined && !isMissing.value)
  const mayChange = computed(() => id() === undefined || stored.value?.may_change === true)
  /** The number of its firing alerts. */
  const open = computed(
    () => firing.alerts.filter((alert) => stored.value !== undefined && alert.policy_id === stored.value.id).length,
  )

  /** Initial values from the address: a metric, and a server, check or tag. */
  function begin(): PolicyValues {
    const { metric, server_id, check_id, check_in_id, tag } = query
    const [check, checkIn] = [Number(check_id) || null, Number(check_in_id) || null]
    const needsServer = !session.isAdmin && check === null && checkIn === null
    const values = blankPolicy({
      ...EVERYTHING,
      tag: typeof tag === 'string' ? tag : null,
      server_id: Number(server_id) || (needsServer ? 0 : null),
      check_id: check,
      check_in_id: checkIn,
    })
    return typeof metric === 'string' && metric !== '' ? { ...values, metric, ...thresholdsFor(metric) } : values
  }

  watch(policies.data, (found) => {
    stored.value = found?.find((policy) => policy.id === id())
    const source = found?.find((policy) => policy.id === copied)
    if (stored.value !== undefined) {
      form.reset(valuesOf(stored.value))
      Object.assign(form.values, suggestedIn(query))
    } else if (source !== undefined) form.reset(copyOf(source, Number(query.server_id) || 0))
  })

  return { policies, stored, form, isMissing, isReady, mayChange, open }
}
