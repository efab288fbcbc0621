import { refDebounced } from '@vueuse/core'
import { computed } from 'vue'
import { previewPolicy } from '@/api/policies'
import { EVERYTHING } from '@/composables/subjects'
import { useQuery } from '@/composables/useQuery'
import type { PolicyValues } from './policyForm'
import { lacksThresholds, toNewPolicy } from './policyForm'

const SETTLE_MS = 200

/** The margin that the server gives these thresholds by default, asked again after each pause in changes. */
export function useUsualMargin(values: () => PolicyValues, ask = previewPolicy) {
  const asked = computed(() => {
    const { metric, kind, warning, critical, direction } = values()
    return metric === '' || lacksThresholds(values())
      ? ''
      : JSON.stringify({ metric, kind, warning, critical, direction })
  })
  const settled = refDebounced(asked, SETTLE_MS)
  const found = useQuery(
    async (signal) => {
      if (settled.value === '') return null
      const policy = { ...toNewPolicy(values()), scope: EVERYTHING, note: '', clear_margin: null }
      return (await ask(policy, { signal })).clear_margin
    },
    [settled],
  )
  return computed(() => (asked.value === '' || found.error.value ? null : (found.data.value ?? null)))
}
