import type { WatchSource } from 'vue'
import { listSilences } from '@/api/silences'
import type { Subject } from '@/composables/subjects'
import { usePolling } from '@/composables/usePolling'
import { useQuery } from '@/composables/useQuery'

/** Each has its next two windows with it. */
const RENEW_MS = 600_000

/** All silences, or those that cover a server, check or check-in: asked again when *on* changes. */
export function useSilences(of?: Subject, on: WatchSource[] = []) {
  const silences = useQuery(
    (signal) => listSilences({ query: of === undefined ? {} : { [`${of.kind}_id`]: of.id }, signal }),
    on,
  )
  usePolling(silences.reload, RENEW_MS)
  return silences
}
