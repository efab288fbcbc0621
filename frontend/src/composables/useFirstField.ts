import { useTemplateRef } from 'vue'

/** Focuses the field with this ref when a dialog opens (`open-auto-focus`): the library focuses the dialog a moment later. */
export function useFirstField(ref: string): () => void {
  const field = useTemplateRef<{ focus(): void }>(ref)
  return () => void setTimeout(() => field.value?.focus())
}
