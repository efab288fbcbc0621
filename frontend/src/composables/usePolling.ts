import type { UseIntervalFnOptions } from '@vueuse/core'
import { useIntervalFn } from '@vueuse/core'
import { useSession } from '@/stores/session'

/** Runs *poll* every *ms* while the page is seen. After the end of the session nothing is asked until the user is back. */
export function usePolling(poll: () => unknown, ms: number, options?: UseIntervalFnOptions) {
  const session = useSession()
  return useIntervalFn(
    () => void (document.visibilityState === 'visible' && session.ended === null && poll()),
    ms,
    options,
  )
}
