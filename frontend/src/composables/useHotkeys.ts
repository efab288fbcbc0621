import { useEventListener } from '@vueuse/core'

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))

/**
 * Handles keys unless a dialog is open: single ones, unless the user is typing, and those with Ctrl or ⌘, such as
 * `mod+k`.
 */
export function useHotkeys(keys: Record<string, () => void>): void {
  useEventListener(document, 'keydown', (event: KeyboardEvent) => {
    const isChord = event.ctrlKey || event.metaKey
    if (event.altKey || (!isChord && isTyping(event.target))) return
    if (document.querySelector('.el-overlay:not([style*="display: none"])') !== null) return
    const act = keys[isChord ? `mod+${event.key.toLowerCase()}` : event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  })
}
