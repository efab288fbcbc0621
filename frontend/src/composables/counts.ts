/** Chinese and English group digits alike. */
const grouped = new Intl.NumberFormat('en-US')

/** "12", "1,000"; "1,000+" where there are more than were counted. */
export function writtenCount(n: number, isCut = false): string {
  return `${grouped.format(n)}${isCut ? '+' : ''}`
}
