import { defineStore } from 'pinia'
import { onMounted, shallowRef, watch } from 'vue'
import { listTags } from '@/api/servers'
import { asApiError } from '@/composables/errors'
import { useFleet } from './fleet'

/** The tags of the servers that the user may see. */
const useTagStore = defineStore('tags', () => {
  const tags = shallowRef<string[]>([])

  async function load(): Promise<void> {
    try {
      tags.value = (await listTags()).map(({ tag }) => tag)
    } catch (raw) {
      asApiError(raw) // The lists that use them still work, and a lost connection is shown elsewhere.
    }
  }

  return { tags, load }
})

/** Keeps the tags up to date while the component is there. */
export function useTags() {
  const store = useTagStore()
  const fleet = useFleet()
  onMounted(() => void store.load())
  watch(() => fleet.changes, () => void store.load())
  return store
}
