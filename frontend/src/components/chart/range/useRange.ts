import { computed, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useNow } from '@/composables/useNow'
import type { Range } from './range'
import { DEFAULT_RANGE, parseRange, rangeQuery, windowOf } from './range'

/** The time range, kept in the address. Each change is a step of the browser's history. */
export function useRange() {
  const route = useRoute()
  const router = useRouter()
  const now = useNow()
  /** The newest sample may be ahead of `now`, which changes every ten seconds. */
  const newestAt = shallowRef(0)
  const before: Range[] = []
  const page = route.name
  const range = shallowRef<Range>(parseRange(route.query))
  const shown = computed(() => windowOf(range.value, Math.max(now.value / 1000, newestAt.value)))

  watch(
    () => [route.query.range, route.query.from, route.query.to].join(),
    () => {
      // The address of another page has none of these.
      if (route.name === page) range.value = parseRange(route.query)
    },
  )

  function show(next: Range): void {
    const query = { ...route.query, range: undefined, from: undefined, to: undefined, ...rangeQuery(next) }
    void router.push({ query, hash: route.hash })
  }

  function choose(next: Range): void {
    before.push(range.value)
    show(next)
  }

  /** Back to the range before zooming, or to the default. */
  function goBack(): void {
    const last = before.pop()
    if (last !== undefined || range.value.kind === 'fixed') show(last ?? DEFAULT_RANGE)
  }

  return { range, shown, newestAt, choose, goBack }
}
