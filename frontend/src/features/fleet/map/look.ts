import type { Scale } from './marks'

/** How all groups of a map are drawn. */
export interface Look {
  fill: string
  scale: Scale
  /** Pixels from one cell to the next. */
  pitch: number
  /** Cells beside each other that fit into the page. */
  most: number
  /** Nothing leads anywhere. */
  isStill: boolean
}
