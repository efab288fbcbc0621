/** Hands the browser a file that was made here. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1_000)
}

/** Where a cell begins for a spreadsheet that splits at ";" or tabs too, and what it then takes for a formula. */
const FORMULA = /(^|[;\t\r\n])(?=[\s'"]*[=+\-@＝＋－＠\t\r])/g

/** A cell that a spreadsheet takes for a formula is neutralised, as the server does in its own exports. */
export function csvCell(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  const safe = typeof value === 'string' ? text.replace(FORMULA, "$1'") : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
