import { useMediaQuery, useStorage } from '@vueuse/core'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { TableColumn } from '@/components/tableColumns'
import { useRouteList } from '@/composables/useRouteQuery'

const ALWAYS = ['name', 'menu']
const NARROW = ['status', 'alerts', 'cpu', 'memory', 'disk', 'trend', 'address', 'tags', 'report']
const WIDE = [...NARROW, 'users', 'port']

/** In the order they stand; `label` is filled in by the language shown. */
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

export const OPTIONAL_COLUMNS = COLUMNS.map((column) => column.key).filter((key) => !ALWAYS.includes(key))

/** Which columns are shown: as the address says, else as last chosen on this device, else what fits. */
export function useColumns() {
  const { t } = useI18n()
  const isWide = useMediaQuery('(min-width: 1680px)')
  const remembered = useStorage<string[]>('servers.columns', [])
  const inAddress = useRouteList('columns')

  const chosen = computed<string[]>({
    get() {
      const wanted = inAddress.value.length > 0 ? inAddress.value : remembered.value
      const known = wanted.filter((key) => OPTIONAL_COLUMNS.includes(key))
      if (known.length > 0) return known
      return isWide.value ? WIDE : NARROW
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
