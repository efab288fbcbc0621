/** Chinese and English group digits in the same way. */
const grouped = new Intl.NumberFormat('en-US')

/** "12", "1,000", or "1,000+" if there are more than were counted. */
export function writtenCount(n: number, isCut = false): string {
  return `${grouped.format(n)}${isCut ? '+' : ''}`
}
