import type { Ref } from 'vue'

/** The arrow keys of a menu: its entries have the focus one at a time, the first after the last. */
export function useMenuFocus(menu: Ref<HTMLElement | null>) {
  const entries = () => [...(menu.value?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])]

  function move(by: number): void {
    const all = entries()
    const at = all.indexOf(document.activeElement as HTMLElement)
    all[(at + by + all.length) % all.length]?.focus()
  }

  return { focusFirst: () => entries()[0]?.focus(), move }
}
