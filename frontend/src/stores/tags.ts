import { onMounted, watch } from 'vue'
import { useFleet } from './fleet'

/** Keeps `tags` of the fleet up to date while the component is there. */
export function useTags() {
  const fleet = useFleet()
  onMounted(() => void fleet.loadTags())
  watch(
    () => fleet.changes,
    () => void fleet.loadTags(),
  )
  return fleet
}
