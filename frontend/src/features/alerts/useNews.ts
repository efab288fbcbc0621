import { shallowRef, watch } from 'vue'

/**
 * Updates of a list: shown immediately, or offered while the list must not move. *drop* drops an update that is on its
 * way and returns whether there was one: it must not arrive after the user has begun to point at the list.
 */
export function useNews(isHeld: () => boolean, show: () => unknown, drop: () => boolean = () => false) {
  const hasNews = shallowRef(false)
  /** False for updates that the user asked for. */
  let comesByItself = false

  function forget(): void {
    hasNews.value = false
    comesByItself = false
  }

  function take(): void {
    forget()
    show()
  }

  function arrive(): void {
    if (isHeld()) {
      hasNews.value = true
      return
    }
    take()
    comesByItself = true
  }

  watch(isHeld, (held) => {
    if (held ? comesByItself && drop() : hasNews.value) arrive()
  })
  return { hasNews, arrive, take, forget }
}
