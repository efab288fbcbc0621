import { useStorage, useWindowSize } from '@vueuse/core'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { TableColumn } from '@/components/table/tableColumns'
import { useRouteList } from '@/composables/useRouteQuery'

const ALWAYS = ['name', 'menu']
/** The columns by importance, for narrow screens. */
const BY_WORTH = ['status', 'cpu', 'memory', 'disk', 'alerts', 'address', 'trend', 'report', 'tags', 'users', 'port']
const CHECKBOX = 40
/** Pixels beside the table: the navigation, which is a rail of icons on a narrow screen, margins and a scroll bar. */
const BESIDE = { wide: 274, narrow: 106 }
const WITH_RAIL = 1024

/** The columns in order. `label` is added in the selected language. */
const COLUMNS: Omit<TableColumn, 'label'>[] = [
  { key: 'name', width: 160, grows: true, isSortable: true, isHeading: true },
  { key: 'status', width: 80, isSortable: true },
  { key: 'alerts', width: 68, isSortable: true, sortsDownFirst: true },
  { key: 'cpu', width: 96, isSortable: true, sortsDownFirst: true },
  { key: 'memory', width: 96, isSortable: true, sortsDownFirst: true },
  { key: 'disk', width: 96, isSortable: true, sortsDownFirst: true },
  { key: 'trend', width: 104 },
  { key: 'address', width: 128, isSortable: true },
  { key: 'port', width: 64, isSortable: true, align: 'end' },
  { key: 'tags', width: 136, isSortable: true },
  { key: 'users', width: 120, isSortable: true },
  { key: 'report', width: 112, isSortable: true, sortsDownFirst: true },
  { key: 'created', width: 104, isSortable: true, sortsDownFirst: true },
  { key: 'menu', width: 48, align: 'end', isPinned: true },
]

export const SORTABLE = COLUMNS.filter((column) => column.isSortable).map((column) => column.key)
export const OPTIONAL_COLUMNS = COLUMNS.map((column) => column.key).filter((key) => !ALWAYS.includes(key))

/** The columns that fit into a window of this width. */
export function fitting(windowWidth: number): string[] {
  let room = windowWidth - (windowWidth < WITH_RAIL ? BESIDE.narrow : BESIDE.wide) - CHECKBOX
  const take = (key: string) => (room -= COLUMNS.find((column) => column.key === key)?.width ?? 0) >= 0
  ALWAYS.forEach(take)
  const first = BY_WORTH.findIndex((key) => !take(key))
  return first < 0 ? BY_WORTH : BY_WORTH.slice(0, first)
}

/** The shown columns: from the address, else as last chosen on this device, else those that fit. */
export function useColumns() {
  const { t } = useI18n()
  const { width } = useWindowSize()
  const remembered = useStorage<string[]>('servers.columns', [])
  const inAddress = useRouteList('columns')

  const chosen = computed<string[]>({
    get() {
      const wanted = inAddress.value.length > 0 ? inAddress.value : remembered.value
      const known = wanted.filter((key) => OPTIONAL_COLUMNS.includes(key))
      if (known.length > 0) return known
      return fitting(width.value)
    },
    set(keys) {
      const inOrder = OPTIONAL_COLUMNS.filter((key) => keys.includes(key))
      remembered.value = inOrder
      inAddress.value = inOrder
    },
  })
  const columns = computed<TableColumn[]>(() =>
    COLUMNS.filter(({ key }) => ALWAYS.includes(key) || chosen.value.includes(key)).map((column) => ({
      ...column,
      label: t(`servers.column.${column.key}`),
    })),
  )

  function reset(): void {
    remembered.value = []
    inAddress.value = []
  }

  return { chosen, columns, reset }
}
