import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** A query parameter, so that a reload or a shared link shows the same. Omitted if it is *fallback*. */
export function useRouteQuery(name: string, fallback = ''): WritableComputedRef<string> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get() {
      return valuesOf(route.query[name]).at(-1) ?? fallback
    },
    set(value) {
      changeQuery({ [name]: value === fallback ? undefined : value })
    },
  })

  function changeQuery(change: Record<string, string | undefined>): void {
    // From the newest address: two parameters may change before the route is updated.
    pending.set(router, { ...(pending.get(router) ?? router.currentRoute.value.query), ...change })
    queueMicrotask(() => {
      const query = pending.get(router)
      pending.delete(router)
      if (query !== undefined) void router.replace({ query, hash: router.currentRoute.value.hash })
    })
  }
}

type Query = Record<string, string | null | undefined | (string | null)[]>
const pending = new WeakMap<object, Query>()

/** A link may contain a parameter more than once. */
function valuesOf(given: Query[string]): string[] {
  return [given].flat().filter((each) => typeof each === 'string')
}

/** The same for an id. */
export function useRouteNumber(name: string): WritableComputedRef<number | null> {
  const text = useRouteQuery(name)
  return computed({
    get: () => Number(text.value) || null,
    set: (id) => (text.value = id === null ? '' : String(id)),
  })
}

/** The same for a list, written `a,b`. Reads `name=a&name=b` too. */
export function useRouteList(name: string): WritableComputedRef<string[]> {
  const route = useRoute()
  const text = useRouteQuery(name)
  return computed({
    get: () =>
      valuesOf(route.query[name])
        .flatMap((text) => text.split(','))
        .filter((each) => each !== ''),
    set: (values) => (text.value = values.join(',')),
  })
}
