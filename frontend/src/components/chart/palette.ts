import type { Level } from '@/api/types'

/** The tokens as a canvas needs them, read anew when the theme changes. */
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
/** A seventh line takes the first colour again, and is dashed. */
const DASHES: (number[] | undefined)[] = [undefined, [6, 3], [2, 3]]

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
export const lineDash = (index: number) => DASHES[Math.floor(index / LINES) % DASHES.length]
/** For style sheets: the token of a line. */
export const lineToken = (index: number) => `var(--series-${(index % LINES) + 1})`
