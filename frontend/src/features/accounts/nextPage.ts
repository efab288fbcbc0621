import { useRoute, useRouter } from 'vue-router'

/** The page to which a log-in leads, from `?next=`. */
export function useNextPage() {
  const route = useRoute()
  const router = useRouter()
  const next = () => safePath(route.query.next)
  return { next, enter: () => void router.replace(next()) }
}

/** Only paths: `//evil.example` and `/\evil.example` would be another host. */
export function safePath(given: unknown): string {
  return typeof given === 'string' && /^\/(?![/\\])/.test(given) ? given : '/'
}
