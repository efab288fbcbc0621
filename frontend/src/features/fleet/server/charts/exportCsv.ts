import type { Series } from '@/api/types'
import { isBucketed } from '@/components/chart/chartTable'
import { csvCell } from '@/composables/download'
import type { Zone } from '@/composables/times'
import { timeWriter, timeZone } from '@/composables/times'

/**
 * The data of the charts: a row for each time in UTC. Buckets, also the one that contains *start*, have average, minimum,
 * maximum and coverage. Cells without samples are empty: also if a sample arrived between two of the *answers*.
 */
export function seriesCsv(answers: Series[], start: number, end: number): string {
  const bucketed = answers.some(isBucketed)
  const columns = answers.flatMap((series) =>
    Object.entries(series.columns).map(([metric, column]) => ({ metric, column, series })),
  )
  const rowOf = new Map(answers.map((series) => [series, new Map(series.time.map((at, row) => [at, row]))]))
  const isSeen = (series: Series, at: number) =>
    at <= end && (isBucketed(series) ? at + series.resolution > start : at >= start)
  const times = [...new Set(answers.flatMap((series) => series.time.filter((at) => isSeen(series, at))))].sort(
    (one, other) => one - other,
  )

  const heads = columns.flatMap(({ metric }) =>
    bucketed ? ['avg', 'min', 'max'].map((part) => `${metric} ${part}`) : [metric],
  )
  const lines = [['time', ...(bucketed ? ['coverage'] : []), ...heads].map(csvCell)]
  for (const at of times) {
    const cells: (string | number | null)[] = [new Date(at * 1000).toISOString()]
    if (bucketed) cells.push(coverageAt(answers, rowOf, at))
    for (const { column, series } of columns) {
      const row = rowOf.get(series)?.get(at)
      const valueIn = (values: (number | null)[]) => (row === undefined ? null : (values[row] ?? null))
      cells.push(valueIn(column.avg))
      if (bucketed) cells.push(valueIn(column.min), valueIn(column.max))
    }
    lines.push(cells.map(csvCell))
  }
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('')
}

function coverageAt(answers: Series[], rowOf: Map<Series, Map<number, number>>, at: number): number | null {
  for (const series of answers) {
    const row = rowOf.get(series)?.get(at)
    if (row !== undefined) return series.coverage[row] ?? null
  }
  return null
}

/** For file names, in the selected time zone. */
export function fileName(
  server: string,
  start: number,
  end: number,
  extension: string,
  zone: Zone = timeZone.value,
): string {
  const write = timeWriter('zh-CN', zone)
  const stamp = (at: number) =>
    write
      .dateTime(new Date(at * 1000))
      .replace(/[-:]/g, '')
      .replace(' ', '-')
  return `${server.replace(/[^\p{L}\p{N}._-]+/gu, '_')}_${stamp(start)}_${stamp(end)}${zone === 'utc' ? '_UTC' : ''}.${extension}`
}
