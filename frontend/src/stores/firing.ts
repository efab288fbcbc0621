import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { listAlerts } from '@/api/alerts'
import type { Alert } from '@/api/types'
import { asApiError } from '@/composables/errors'
import { subjectOf } from '@/composables/subjects'
import type { ApiError } from '@/api/envelope'

const MOST = 1_000
const SETTLE_MS = 300

/** The firing alerts, the worst first. */
export const useFiring = defineStore('firing', () => {
  const alerts = shallowRef<Alert[]>([])
  const isLoaded = shallowRef(false)
  /** True if more alerts fire than are held. */
  const isCut = shallowRef(false)
  const error = shallowRef<ApiError>()
  const critical = computed(() => alerts.value.filter((alert) => alert.level === 'critical').length)
  /** By the id of the server, or else of the check or check-in. */
  const byServer = computed(() => {
    const held = new Map<number, Alert[]>()
    for (const alert of alerts.value) {
      const { id } = subjectOf(alert)
      held.set(id, [...(held.get(id) ?? []), alert])
    }
    return held
  })
  /** Counts changes of alerts, so that lists know when to reload. */
  const changes = shallowRef(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  /** The number of the last request, and of that whose answer is shown: an older answer may come later. */
  let [asked, shown] = [0, 0]

  async function load(): Promise<void> {
    const mine = (asked += 1)
    try {
      const page = await listAlerts({ query: { state: 'firing', limit: MOST } })
      if (mine < shown) return
      shown = mine
      alerts.value = page.items.sort(worstFirst)
      isCut.value = page.next !== null
      isLoaded.value = true
      error.value = undefined
    } catch (raw) {
      if (mine > shown) error.value = asApiError(raw)
    }
  }

  /** Many alerts change at the same moment if a rack fails: they cause one request. */
  function changed(): void {
    changes.value += 1
    clearTimeout(timer)
    timer = setTimeout(() => void load(), SETTLE_MS)
  }

  function clear(): void {
    clearTimeout(timer)
    shown = asked += 1 // what is on its way belongs to the user before
    alerts.value = []
    isLoaded.value = false
  }

  return { alerts, critical, byServer, isLoaded, isCut, error, changes, load, changed, clear }
})

function worstFirst(one: Alert, other: Alert): number {
  const rank = (alert: Alert) => (alert.level === 'critical' ? 0 : 2) + (alert.acknowledged_at === null ? 0 : 1)
  return rank(one) - rank(other) || other.started_at.localeCompare(one.started_at)
}
