import type { RouteLocationNormalized, RouteRecordRaw } from 'vue-router'

const ofKind = (kind: 'check' | 'check_in') => (to: RouteLocationNormalized) => ({ kind, id: Number(to.params.id) })

export const routes: RouteRecordRaw[] = [
  {
    path: '/checks',
    name: 'checks',
    component: () => import('./checks/ChecksPage.vue'),
    meta: { title: 'common.nav.checks' },
  },
  {
    path: '/checks/:id(\\d+)',
    name: 'check',
    component: () => import('./ThingPage.vue'),
    props: ofKind('check'),
    meta: { title: 'common.nav.checks' },
  },
  {
    path: '/check-ins',
    name: 'check-ins',
    component: () => import('./checkIns/CheckInsPage.vue'),
    meta: { title: 'common.nav.check-ins' },
  },
  {
    path: '/check-ins/:id(\\d+)',
    name: 'check-in',
    component: () => import('./ThingPage.vue'),
    props: ofKind('check_in'),
    meta: { title: 'common.nav.check-ins' },
  },
]
