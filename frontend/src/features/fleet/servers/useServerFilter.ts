import { refDebounced } from '@vueuse/core'
import { computed, ref, watch } from 'vue'
import { useRouteList, useRouteQuery } from '@/composables/useRouteQuery'
import type { Filter } from './matching'
import { isFiltered } from './matching'

const TYPING_MS = 150

/** Filter and order of the servers, in the page's address. */
export function useServerFilter() {
  const q = useRouteQuery('q')
  const tags = useRouteList('tag')
  const status = useRouteQuery('status')
  const alerts = useRouteQuery('alerts')
  const silenced = useRouteQuery('silenced')
  const sort = useRouteQuery('sort', 'name')
  const filter = computed<Filter>(() => ({
    q: q.value,
    tags: tags.value,
    status: status.value,
    alerts: alerts.value,
    silenced: silenced.value,
  }))

  /** The text of the search box. The address follows after a pause. */
  const typed = ref(q.value)
  watch(refDebounced(typed, TYPING_MS), (text) => (q.value = text))
  watch(q, (text) => {
    if (text.trim() !== typed.value.trim()) typed.value = text
  })

  function clear(): void {
    typed.value = ''
    q.value = ''
    tags.value = []
    status.value = ''
    alerts.value = ''
    silenced.value = ''
  }

  return {
    filter,
    typed,
    tags,
    status,
    alerts,
    silenced,
    sort,
    isFiltered: computed(() => isFiltered(filter.value)),
    clear,
  }
}
