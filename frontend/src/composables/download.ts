/** Saves a file that was made here. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1_000)
}

/** Starts of formulas, also after ";" and tabs, at which some spreadsheets split cells. */
const FORMULA = /(^|[;\t\r\n])(?=[\s'"]*[=+\-@＝＋－＠\t\r])/g

/** Neutralises cells that a spreadsheet reads as a formula, as the server's exports do. */
export function csvCell(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  const safe = typeof value === 'string' ? text.replace(FORMULA, "$1'") : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
