import { onMounted, watch } from 'vue'
import { useRouteQuery } from './useRouteQuery'

/** Calls *add* where a link leads here with `?add=1`, and takes that out of the address. */
export function useAddLink(add: () => void): void {
  const asked = useRouteQuery('add')

  function follow(): void {
    if (asked.value === '') return
    asked.value = ''
    add()
  }

  onMounted(follow)
  watch(asked, follow)
}
