import type { Level } from '@/api/types'

/** A line across the chart at *value*, in the metrics' unit. *label* names its metric if needed. */
export interface Threshold {
  value: number
  level: Level
  label?: string
}

/** A dashed line through points at epoch seconds. */
export interface Line {
  points: { at: number; value: number }[]
}

/**
 * A mark on the time axis from *from* to *to* (epoch seconds; null: not ended). If both are equal, it is a line with a
 * label, to its left with *isBefore*.
 */
export interface Mark {
  from: number
  to: number | null
  kind: 'alert' | 'silence' | 'moment'
  isBefore?: boolean
  level?: Level
  label: string
}
