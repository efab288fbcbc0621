import { COLUMN_METRICS } from '@/api/metrics'
import type { ServerSort } from '@/api/servers'

export const SORTS = ['trouble', 'name', ...COLUMN_METRICS] as const
export type Sort = (typeof SORTS)[number]

export function isSort(text: string): text is Sort {
  return (SORTS as readonly string[]).includes(text)
}

/** By a metric: the fullest first. */
export function toServerSort(sort: Sort): ServerSort {
  return sort === 'trouble' || sort === 'name' ? sort : `-${sort}`
}
