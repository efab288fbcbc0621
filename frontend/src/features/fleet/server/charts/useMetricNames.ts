import { computed, shallowRef } from 'vue'
import { COLUMN_METRICS } from '@/api/metrics'
import { getNewestSample } from '@/api/servers'
import type { LiveSample } from '@/api/types'
import { useQuery } from '@/composables/useQuery'
import { groupsOf } from './metricGroups'

/** The metrics of a server: those of its newest sample, and of later ones. */
export function useMetricNames(id: number) {
  const extras = shallowRef<ReadonlySet<string>>(new Set())
  const query = useQuery(async (signal) => {
    const sample = await getNewestSample(id, { signal })
    if (sample !== null) see(Object.keys(sample.extra))
    return sample
  })
  const isKnown = computed(() => query.data.value !== undefined || extras.value.size > 0)
  const hasData = shallowRef(false)
  const groups = computed(() =>
    query.data.value || hasData.value ? groupsOf([...COLUMN_METRICS, ...extras.value]) : [],
  )

  function see(names: string[]): void {
    if (names.every((name) => extras.value.has(name))) return
    extras.value = new Set([...extras.value, ...names])
  }

  function take(sample: LiveSample): void {
    if (sample.recorded_at === null) return
    hasData.value = true
    see(Object.keys(sample.extra))
  }

  return {
    groups,
    isKnown,
    isEmpty: computed(() => query.data.value === null && !hasData.value),
    error: query.error,
    reload: query.reload,
    take,
  }
}
