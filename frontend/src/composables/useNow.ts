import { createSharedComposable, useNow as useVueNow } from '@vueuse/core'
import { computed } from 'vue'
import { clockOffset } from '@/api/clock'

/** The server's time in epoch milliseconds, updated every ten seconds by one timer for the whole page. */
export const useNow = createSharedComposable(() => {
  const now = useVueNow({ interval: 10_000 })
  return computed(() => now.value.getTime() + clockOffset.value)
})
