/** A column of a VirtualTable. The slot named *key* draws its cells. */
export interface TableColumn {
  key: string
  label: string
  /** Pixels. The growing column takes what is left. */
  width: number
  grows?: boolean
  isSortable?: boolean
  /** True if the first click sorts in descending order, as for numbers. */
  sortsDownFirst?: boolean
  /** Names the row, and stays visible when the table scrolls sideways. */
  isHeading?: boolean
  /** Stays visible at the end. */
  isPinned?: boolean
  align?: 'start' | 'end'
}

export interface Sort {
  key: string
  isDown: boolean
}

/** `cpu`, or `-cpu` for descending order. */
export function toSort(written: string): Sort {
  return written.startsWith('-') ? { key: written.slice(1), isDown: true } : { key: written, isDown: false }
}

export function nextSort(written: string, column: TableColumn): string {
  const { key, isDown } = toSort(written)
  const down = key === column.key ? !isDown : column.sortsDownFirst === true
  return down ? `-${column.key}` : column.key
}
