import type { Ref } from 'vue'
import { computed } from 'vue'
import type { ServerSort } from '@/api/servers'
import { listIds } from '@/api/servers'
import { toSort } from '@/components/table/tableColumns'
import { useOrderedList } from '@/composables/useOrderedList'
import type { Filter } from './matching'
import { isFiltered, toQuery } from './matching'
import { SORTABLE } from './useColumns'

/** The servers that match the filter, in order, and the ids of all that match. */
export function useServerList(filter: Readonly<Ref<Filter>>, sort: Readonly<Ref<string>>) {
  const query = computed(() => ({
    ...toQuery(filter.value),
    sort: isSort(sort.value) ? sort.value : ('name' as const),
  }))
  const list = useOrderedList(query)

  let all: Promise<number[]> | undefined

  /** Asks once where both are wanted and nothing is filtered. */
  function allIds(): Promise<number[]> {
    all ??= listIds({}).finally(() => (all = undefined))
    return all
  }

  function matchingIds(everything = false): Promise<number[]> {
    return everything || !isFiltered(filter.value) ? allIds() : listIds({ query: toQuery(filter.value) })
  }

  return { ...list, matchingIds }
}

function isSort(written: string): written is ServerSort {
  return SORTABLE.includes(toSort(written).key)
}
