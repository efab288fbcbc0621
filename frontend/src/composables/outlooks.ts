import type { Outlook } from '@/api/types'
import { toSeconds } from '@/api/times'
import type { Line } from '@/components/chart/types'

/** The end of time in a chart, in epoch seconds: the bounds of a range go across it. */
const FOREVER = 4e9

/** The lines that the chart of *metrics* draws: those of forecasts, and the bounds of ranges. */
export function linesOf(outlooks: Outlook[], metrics: string[]): Line[] {
  return outlooks
    .filter(({ metric }) => metrics.includes(metric))
    .flatMap(({ line, bounds }) => {
      const across =
        bounds === null
          ? []
          : [bounds.lower, bounds.upper].map((value) => ({
              points: [
                { at: 0, value },
                { at: FOREVER, value },
              ],
            }))
      return line.length > 0 ? [{ points: line.map(({ at, value }) => ({ at: toSeconds(at), value })) }] : across
    })
}

/** Whether the policy knows too little yet, and is silent. */
export const isSilent = ({ line, bounds }: Outlook) => line.length === 0 && bounds === null
