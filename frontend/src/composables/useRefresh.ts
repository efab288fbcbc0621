import { watchDebounced } from '@vueuse/core'
import { useFiring } from '@/stores/firing'
import { useLive } from '@/stores/live'
import { usePolling } from './usePolling'

const REFRESH_MS = 15_000
const SETTLE_MS = 500

/** Runs *reload* when alerts change, and now and then while the page is seen. Unless *isHeld*, such as by a reader further down. */
export function useRefresh(reload: () => unknown, isHeld: () => boolean = () => false): void {
  const firing = useFiring()
  const live = useLive()
  const again = () => void (document.visibilityState === 'visible' && !isHeld() && reload())
  watchDebounced([() => firing.changes, () => live.reconnects], again, { debounce: SETTLE_MS })
  usePolling(again, REFRESH_MS)
}
