import { toSeconds } from '@/api/times'
import type { LiveSample } from '@/api/types'
import { useMetricNames } from './useMetricNames'
import { useRange } from '@/components/chart/range/useRange'
import { useSeries } from './useSeries'

/** The data of a server's charts. */
export function useServerCharts(id: number) {
  const time = useRange()
  const names = useMetricNames(id)
  const series = useSeries(id, names.groups, time.range)

  function take(sample: LiveSample): void {
    names.take(sample)
    series.take(sample)
    if (sample.recorded_at !== null) time.newestAt.value = Math.max(time.newestAt.value, toSeconds(sample.recorded_at))
  }

  return { time, names, series, take }
}

export type ServerCharts = ReturnType<typeof useServerCharts>
