/** A column of a VirtualTable; its cells are drawn by the slot named like *key*. */
export interface TableColumn {
  key: string
  label: string
  /** Pixels; what is left over goes to the one that grows. */
  width: number
  grows?: boolean
  isSortable?: boolean
  /** Which way the first click sorts: numbers are mostly looked at from the top. */
  sortsDownFirst?: boolean
  /** Names the row, and stays in sight while the others scroll sideways. */
  isHeading?: boolean
  /** Stays in sight at the other end. */
  isPinned?: boolean
  align?: 'start' | 'end'
}

export interface Sort {
  key: string
  isDown: boolean
}

/** Written `cpu`, or `-cpu` for the largest first. */
export function toSort(written: string): Sort {
  return written.startsWith('-') ? { key: written.slice(1), isDown: true } : { key: written, isDown: false }
}

export function nextSort(written: string, column: TableColumn): string {
  const { key, isDown } = toSort(written)
  const down = key === column.key ? !isDown : column.sortsDownFirst === true
  return down ? `-${column.key}` : column.key
}
