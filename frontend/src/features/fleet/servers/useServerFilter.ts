import { computed } from 'vue'
import { useRouteList, useRouteQuery } from '@/composables/useRouteQuery'
import type { Filter } from './matching'
import { isFiltered } from './matching'

/** Filter and order of the servers, in the page's address. */
export function useServerFilter() {
  const q = useRouteQuery('q')
  const tags = useRouteList('tag')
  const status = useRouteQuery('status')
  const alerts = useRouteQuery('alerts')
  const silenced = useRouteQuery('silenced')
  const network = useRouteQuery('network')
  const team = useRouteQuery('team')
  const without = useRouteList('without')
  const sort = useRouteQuery('sort', 'name')
  const filter = computed<Filter>(() => ({
    q: q.value,
    tags: tags.value,
    status: status.value,
    alerts: alerts.value,
    silenced: silenced.value,
    network: network.value,
    team: team.value,
    without: without.value,
  }))

  function clear(): void {
    q.value = ''
    tags.value = []
    status.value = ''
    alerts.value = ''
    silenced.value = ''
    network.value = ''
    team.value = ''
    without.value = []
  }

  return {
    filter,
    q,
    tags,
    status,
    alerts,
    silenced,
    sort,
    isFiltered: computed(() => isFiltered(filter.value)),
    network,
    team,
    without,
    clear,
  }
}
