import { shallowRef, watch } from 'vue'

/** Updates of a list: shown immediately, or offered while the list must not move. */
export function useNews(isHeld: () => boolean, show: () => unknown) {
  const hasNews = shallowRef(false)

  function take(): void {
    hasNews.value = false
    show()
  }

  function arrive(): void {
    if (isHeld()) hasNews.value = true
    else take()
  }

  watch(isHeld, (held) => !held && hasNews.value && take())
  return { hasNews, arrive, take }
}
