import type { Ref } from 'vue'
import { computed, shallowRef, watch } from 'vue'
import { serverNow } from '@/api/clock'
import { getSeries } from '@/api/servers'
import { toSeconds } from '@/api/times'
import type { LiveSample, Series } from '@/api/types'
import { usePolling } from '@/composables/usePolling'
import { useQuery } from '@/composables/useQuery'
import { appendSample } from './appendSample'
import type { MetricGroup } from './metricGroups'
import { questionsFor } from './metricGroups'
import type { Range } from '@/components/chart/range/range'
import { isLive, windowOf } from '@/components/chart/range/range'

/** Ten-minute buckets in a week. For more the server answers with wider buckets. */
const POINTS = 1_010
const USUAL_INTERVAL = 15
/** Long ranges are fetched again instead of following the stream. */
const REFRESH_MS = 5 * 60_000

/**
 * The series of the charts that were near the view so far. Fetched again when they or the range change, and extended
 * by live samples. Charts of the same request are included.
 */
export function useSeries(
  id: number,
  groups: Ref<MetricGroup[]>,
  range: Ref<Range>,
  ask: typeof getSeries = getSeries,
) {
  const live = shallowRef<Series[]>()
  const wanted = shallowRef<ReadonlySet<string>>(new Set())
  const questions = computed(() =>
    questionsFor(groups.value)
      .filter((question) => question.some(({ key }) => wanted.value.has(key)))
      .map((question) => question.flatMap(({ metrics }) => metrics)),
  )
  let lastAt = 0
  let interval = USUAL_INTERVAL

  const query = useQuery(
    async (signal) => {
      if (questions.value.length === 0) return undefined
      const { start, end } = windowOf(range.value, serverNow() / 1000)
      // A moment beyond now: a clock that is a little ahead must not hide its newest samples. To the server it is the same
      // span for it.
      const until = range.value.kind === 'last' ? end + 60 : end
      return await Promise.all(
        questions.value.map((metrics) => ask(id, { metrics, start, end: until, points: POINTS }, signal)),
      )
      // A getter: with the shallow ref itself, every change of the wanted charts would fetch again.
    },
    [() => range.value, () => questions.value.join(';')],
  )

  watch(query.data, (fetched) => (live.value = fetched))
  usePolling(() => range.value.kind === 'last' && !isLive(range.value) && query.reload(), REFRESH_MS)

  function want(keys: string[]): void {
    if (!keys.every((key) => wanted.value.has(key))) wanted.value = new Set([...wanted.value, ...keys])
  }

  function take(sample: LiveSample): void {
    if (sample.recorded_at === null) return
    const at = toSeconds(sample.recorded_at)
    if (lastAt > 0 && at > lastAt) interval = at - lastAt
    lastAt = Math.max(lastAt, at)
    if (live.value === undefined || query.isBusy.value || !isLive(range.value)) return
    const { start } = windowOf(range.value, serverNow() / 1000)
    live.value = live.value.map((series) => appendSample(series, sample, start, interval))
  }

  /** The series of a chart, which is in one answer. */
  const byGroup = computed(() => {
    const found = new Map<string, Series>()
    for (const { key, metrics } of groups.value) {
      const series = live.value?.find(({ columns }) => metrics.every((metric) => metric in columns))
      if (series !== undefined) found.set(key, series)
    }
    return found
  })

  return { byGroup, all: live, error: query.error, isBusy: query.isBusy, reload: query.reload, want, take }
}
