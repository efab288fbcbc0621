import { computed } from 'vue'
import { useRouteQuery } from '@/composables/useRouteQuery'

/** The filters of the audit log, in the page's address. *action*: a whole one, or a thing such as "server". */
export function useAuditFilters() {
  const username = useRouteQuery('username')
  const action = useRouteQuery('action')
  const target = useRouteQuery('target')
  const q = useRouteQuery('q')
  const from = useRouteQuery('from')
  const to = useRouteQuery('to')
  const all = [username, action, target, q, from, to]
  const count = computed(() => all.filter((each) => each.value !== '').length)
  /** Of /api/audit and its export. */
  const query = computed(() => ({
    username: username.value,
    action: action.value,
    target: target.value,
    q: q.value,
    start: from.value,
    end: to.value,
  }))

  function clear(): void {
    for (const each of all) each.value = ''
  }

  return { username, action, target, q, from, to, count, query, clear }
}
