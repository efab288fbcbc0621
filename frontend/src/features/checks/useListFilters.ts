import { computed } from 'vue'
import { useRouteQuery } from '@/composables/useRouteQuery'

/** As many are asked for at a time. */
export const PAGE = 50

/** The filters of a list, in the page's address. *States*: those that may be chosen. */
export function useListFilters<State extends string>(states: readonly State[]) {
  const q = useRouteQuery('q')
  const state = useRouteQuery('state')
  const kind = useRouteQuery('kind')
  const server = useRouteQuery('server_id')
  const serverId = computed({
    get: () => Number(server.value) || null,
    set: (chosen) => (server.value = chosen === null ? '' : String(chosen)),
  })
  const all = [q, state, kind, server]
  const isFiltered = computed(() => all.some((each) => each.value !== ''))
  const knownState = computed(() => states.find((name) => name === state.value))

  function clear(): void {
    for (const each of all) each.value = ''
  }

  return { q, state, kind, serverId, knownState, isFiltered, clear }
}
