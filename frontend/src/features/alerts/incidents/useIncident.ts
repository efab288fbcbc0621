import { watchDebounced } from '@vueuse/core'
import { computed } from 'vue'
import { getIncident, listEntries } from '@/api/incidents'
import { hostOf } from '@/composables/subjects'
import { usePages } from '@/composables/usePages'
import { usePolling } from '@/composables/usePolling'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'
import { useHeld, useLive } from '@/stores/live'
import { incidentStepsOf, notifiedOf } from '../timeline'

const ENTRIES = 500
const RENEW_MS = 30_000
const SETTLE_MS = 500

/** An incident with its alerts and its timeline, kept up to date. */
export function useIncident(id: () => number) {
  const firing = useFiring()
  const live = useLive()
  const incident = useQuery((signal) => getIncident(id(), { signal }), [id])
  const entries = usePages((cursor, signal) => listEntries(id(), { query: { limit: ENTRIES, cursor }, signal }), [id])
  useHeld(() => incident.data.value?.alerts.flatMap((alert) => hostOf(alert) ?? []) ?? [])

  function renew(): void {
    void incident.reload()
    // Who has asked for further pages keeps them.
    if (entries.items.value.length <= ENTRIES) void entries.reload()
  }

  /** Call after something was done here, which other parts of the screen show too. */
  function acted(): void {
    renew()
    firing.changed()
  }

  watchDebounced([() => firing.changes, () => live.reconnects], renew, { debounce: SETTLE_MS })
  // The stream has neither acknowledgements nor notifications.
  usePolling(() => incident.data.value?.state !== 'ended' && renew(), RENEW_MS)

  return {
    incident,
    entries,
    steps: computed(() => incidentStepsOf(entries.items.value)),
    notified: computed(() => notifiedOf(entries.items.value)),
    renew,
    acted,
  }
}
