import { createSharedComposable, useNow as useVueNow } from '@vueuse/core'
import { computed } from 'vue'
import { clockOffset } from '@/api/clock'

/** Epoch milliseconds by the server, moving every ten seconds: one timer for all the "3 minutes ago" of a page. */
export const useNow = createSharedComposable(() => {
  const now = useVueNow({ interval: 10_000 })
  return computed(() => now.value.getTime() + clockOffset.value)
})
