import { shallowRef } from 'vue'

/** The dialogs of a list: they make a new thing, or change or delete the *chosen* one. */
export function useListDialogs<Thing>() {
  const chosen = shallowRef<Thing>()
  const isEditing = shallowRef(false)
  const isDeleting = shallowRef(false)

  function edit(thing?: Thing): void {
    chosen.value = thing
    isEditing.value = true
  }

  function askToDelete(thing: Thing): void {
    chosen.value = thing
    isDeleting.value = true
  }

  return { chosen, isEditing, isDeleting, edit, askToDelete }
}
