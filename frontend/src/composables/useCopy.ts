import { shallowRef } from 'vue'

/** Copies text. *shown*: the element with the text, which is selected where browsers refuse to copy. */
export function useCopy(shown: () => HTMLElement | null) {
  /** True for a short time after. */
  const isCopied = shallowRef(false)

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      // Browsers refuse this over plain HTTP. The text is selected, so that the user can copy it.
      const element = shown()
      if (element === null) return
      getSelection()?.selectAllChildren(element)
      if (!document.execCommand('copy')) return
    }
    isCopied.value = true
    setTimeout(() => (isCopied.value = false), 2_000)
  }

  return { isCopied, copy }
}
