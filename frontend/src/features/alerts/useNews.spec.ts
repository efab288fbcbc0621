import { effectScope, nextTick, ref } from 'vue'
import { describe, expect, it } from 'vitest'
import { useNews } from './useNews'

function opened() {
  const isHeld = ref(false)
  const shown = ref(0)
  const news = effectScope().run(() =>
    useNews(
      () => isHeld.value,
      () => (shown.value += 1),
    ),
  )!
  return { isHeld, shown, news }
}

describe('news for a list', () => {
  it('are shown at once while nobody points at it', () => {
    const { shown, news } = opened()
    news.arrive()
    expect([shown.value, news.hasNews.value]).toEqual([1, false])
  })

  it('wait while somebody does, and are shown once they leave', async () => {
    const { isHeld, shown, news } = opened()
    isHeld.value = true
    await nextTick()
    news.arrive()
    news.arrive()
    expect([shown.value, news.hasNews.value]).toEqual([0, true])
    isHeld.value = false
    await nextTick()
    expect([shown.value, news.hasNews.value]).toEqual([1, false])
  })

  it('do not arrive after somebody began to point at it', async () => {
    const isHeld = ref(false)
    const coming = ref(0)
    const drop = () => {
      const was = coming.value > 0
      coming.value = 0
      return was
    }
    const news = effectScope().run(() =>
      useNews(
        () => isHeld.value,
        () => (coming.value += 1),
        drop,
      ),
    )!
    news.arrive()
    isHeld.value = true
    await nextTick()
    expect([coming.value, news.hasNews.value]).toEqual([0, true])
    news.take()
    isHeld.value = false
    await nextTick()
    isHeld.value = true
    await nextTick()
    expect([coming.value, news.hasNews.value]).toEqual([1, false]) // asked for by the user
  })

  it('may be asked for meanwhile', async () => {
    const { isHeld, shown, news } = opened()
    isHeld.value = true
    await nextTick()
    news.arrive()
    news.take()
    isHeld.value = false
    await nextTick()
    expect([shown.value, news.hasNews.value]).toEqual([1, false])
  })
})
