import type { Ref } from 'vue'

/** Moves the focus in a menu by arrow keys, from the last entry to the first. */
export function useMenuFocus(menu: Ref<HTMLElement | null>) {
  const entries = () => [...(menu.value?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])]

  function move(by: number): void {
    const all = entries()
    const at = all.indexOf(document.activeElement as HTMLElement)
    all[(at + by + all.length) % all.length]?.focus()
  }

  return { focusFirst: () => entries()[0]?.focus(), move }
}
