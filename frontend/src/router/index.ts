import { createRouter, createWebHistory } from 'vue-router'
import type { RouteComponent, RouteLocationNormalized, RouteRecordRaw } from 'vue-router'
import { routes as accounts } from '@/features/accounts/routes'
import { routes as alerts } from '@/features/alerts/routes'
import { routes as checks } from '@/features/checks/routes'
import { routes as cluster } from '@/features/cluster/routes'
import { routes as fleet } from '@/features/fleet/routes'
import { routes as notifications } from '@/features/notifications/routes'
import { routes as oncall } from '@/features/oncall/routes'
import { routes as settings } from '@/features/settings/routes'
import { routes as teams } from '@/features/teams/routes'
import { setTitle } from '@/composables/browserTab'
import { loadAgain } from '@/composables/loadAgain'
import { i18n, loadWords, showIn } from '@/locales'
import { usePreferences } from '@/stores/preferences'
import { useSession } from '@/stores/session'
import { needsNoSession } from './access'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title. */
    title: string
    /** Visible without log-in, and shown without the menu. */
    isPublic?: boolean
    /** Shown without the menu. */
    isAlone?: boolean
    /** Visible without log-in if a token is after the `#` of the address. */
    isOpenedByToken?: boolean
    isForAdmins?: boolean
    /** Loads the page's code. */
    load?: () => Promise<unknown>
  }
}

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
  routes: [
    ...[
      ...accounts,
      ...fleet,
      ...checks,
      ...alerts,
      ...notifications,
      ...oncall,
      ...cluster,
      ...settings,
      ...teams,
      { path: '/:path(.*)*', component: () => import('./NotFoundPage.vue'), meta: { title: 'common.state.notFound' } },
    ].map(withPatience),
  ],
})

router.beforeEach(async (to) => {
  const session = useSession()
  if (!session.isRestored) {
    if (session.mayHoldCookie && !needsNoSession(to)) hurry(to)
    await Promise.all([session.restore(), showIn(usePreferences().locale).catch(() => undefined)])
  }
  // A failed attempt to join an account to single sign-on comes back to the log-in page.
  if (session.isLoggedIn && to.name === 'login')
    return typeof to.query.error === 'string' ? { name: 'profile', query: { error: to.query.error } } : '/'
  if (needsNoSession(to)) return true
  if (!session.isLoggedIn) return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  await loadWords(to.meta.isForAdmins === true)
  if (session.mustChangePassword) return to.name === 'password' || { name: 'password' }
  if (session.mustSetUpFactor)
    return (
      to.name === 'second-factor' || { name: 'second-factor', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
    )
  if (to.name === 'second-factor') return { name: 'profile' }
  return true
})

/** Loads what *to* shows, while it is not yet known whether a user is logged in. Errors are shown when it is needed. */
function hurry({ meta }: RouteLocationNormalized): void {
  const words = loadWords(meta.isForAdmins === true, usePreferences().locale) // no language is shown yet
  const parts = [meta.load?.(), words, import('@/components/shell/AppShell.vue')]
  Promise.all(parts).catch(() => undefined)
}

router.afterEach((to, from) => {
  // A page may have set its own title, which a change of filters must keep.
  if (to.path !== from.path || from.matched.length === 0) setTitle(i18n.global.t(to.meta.title))
})

/** The same route, whose page can be loaded after its code could not be fetched. */
function withPatience(route: RouteRecordRaw): RouteRecordRaw {
  const page = route.component
  return typeof page === 'function'
    ? ({
        ...route,
        meta: { ...route.meta, load: page },
        component: () => loadAgain(page as () => Promise<RouteComponent>),
      } as RouteRecordRaw)
    : route
}
