/** A value with its unit, or words for good and bad. *metrics*: what its chart shows, the cell's own first. */
export interface PartCell {
  metrics: string[]
  value?: number | null
  words?: string
  tone?: 'good' | 'bad'
}

export interface PartRow {
  name: string
  cells: PartCell[]
}

/** Whether a row holds each word of *text*. */
export function rowHas({ name, cells }: PartRow, text: string): boolean {
  const all = [name, ...cells.map(({ words }) => words ?? '')].join('\n').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}
