import { computed } from 'vue'
import { listCheckIns, listChecks } from '@/api/checks'
import type { Page } from '@/api/envelope'
import { useQuery } from '@/composables/useQuery'
import { useRefresh } from '@/composables/useRefresh'

const MOST = 1_000

export interface CheckCount {
  name: 'checks' | 'checkIns'
  /** How many are down. There are more if *isCut*. */
  down: number
  isCut: boolean
}

/** How many checks and check-ins are down, of those that the user sees. A kind that has none is left out. Their pages show errors. */
export function useCheckCounts() {
  const query = useQuery(async (signal) => {
    const [checks, down, checkIns, missed] = await Promise.all([
      listChecks({ query: { limit: 1 }, signal }),
      listChecks({ query: { state: 'down', limit: MOST }, signal }),
      listCheckIns({ query: { limit: 1 }, signal }),
      listCheckIns({ query: { state: 'down', limit: MOST }, signal }),
    ])
    return [...countOf('checks', checks, down), ...countOf('checkIns', checkIns, missed)]
  })
  useRefresh(query.reload)
  return computed(() => query.data.value ?? [])
}

function countOf(name: CheckCount['name'], some: Page<unknown>, down: Page<unknown>): CheckCount[] {
  return some.items.length === 0 ? [] : [{ name, down: down.items.length, isCut: down.next !== null }]
}
