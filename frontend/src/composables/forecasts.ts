import type { Forecast } from '@/api/types'
import { toSeconds } from '@/api/times'
import type { Line } from '@/components/chart/types'

/** The lines that the chart of *metrics* draws. */
export function linesOf(forecasts: Forecast[], metrics: string[]): Line[] {
  return forecasts
    .filter(({ metric, line }) => metrics.includes(metric) && line.length > 0)
    .map(({ line }) => ({ points: line.map(({ at, value }) => ({ at: toSeconds(at), value })) }))
}
