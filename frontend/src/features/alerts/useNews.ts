import { shallowRef, watch } from 'vue'

/** News for a list that somebody reads: shown at once, or, while it is to hold still, offered, and shown once it need not. */
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
