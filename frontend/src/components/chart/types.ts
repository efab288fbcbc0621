import type { Level } from '@/api/types'

/** A line across the chart at *value* of the metrics' unit. *label* names what it belongs to where that is not plain. */
export interface Threshold {
  value: number
  level: Level
  label?: string
}

/**
 * Something that lasted from *from* to *to* (epoch seconds; null: it goes on), drawn on the time axis. A moment, whose
 * *to* is its *from*, bears its label; *isBefore*: at the left of its line.
 */
export interface Mark {
  from: number
  to: number | null
  kind: 'alert' | 'silence' | 'moment'
  isBefore?: boolean
  level?: Level
  label: string
}
