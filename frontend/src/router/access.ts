import type { RouteLocationNormalized } from 'vue-router'

/** Whether *to* is shown without log-in: a public page, or one that the token in its address opens. */
export function needsNoSession({ meta, hash }: Pick<RouteLocationNormalized, 'meta' | 'hash'>): boolean {
  return meta.isPublic === true || (meta.isOpenedByToken === true && hash.length > 1)
}
