import type { Level } from '@/api/types'

/** The theme's colours for a canvas, read again when the theme changes. */
export interface Palette {
  ink: string
  grid: string
  surface: string
  silence: string
  gap: string
  font: string
  level: Record<Level, string>
  lines: string[]
}

const LINES = 6
/** By three lines another one: the colours of a line and of the third after it look alike to people who see few. */
const DASHES: (number[] | undefined)[] = [undefined, [7, 3], [2, 3], [9, 3, 2, 3]]
const EACH = LINES / 2

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    ink: token('ink-3'),
    grid: token('line'),
    surface: token('surface'),
    silence: token('offline'),
    gap: token('line-strong'),
    font: `12px ${token('font')}`,
    level: { warning: token('warning-fill'), critical: token('critical-fill') },
    lines: Array.from({ length: LINES }, (_, index) => token(`series-${index + 1}`)),
  }
}

export const lineColour = (palette: Palette, index: number) => palette.lines[index % LINES] as string
export const lineDash = (index: number) => DASHES[Math.floor(index / EACH) % DASHES.length]
/** The CSS variable of a line's colour. */
export const lineToken = (index: number) => `var(--series-${(index % LINES) + 1})`
