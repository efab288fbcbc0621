import type { Page } from '@/api/envelope'
import type { Alert } from '@/api/types'
import { isOver } from '@/composables/alertRows'

type Ask = (cursor: string | null) => Promise<Page<Alert>>

/**
 * A page of ended alerts. The server filters by one state or none: firing alerts are skipped, and if a whole page is
 * firing, the next one is fetched.
 */
export async function pastPage(ask: Ask, cursor: string | null): Promise<Page<Alert>> {
  let page = await ask(cursor)
  let items = page.items.filter(isOver)
  while (items.length === 0 && page.next !== null) {
    page = await ask(page.next)
    items = page.items.filter(isOver)
  }
  return { items, next: page.next }
}
