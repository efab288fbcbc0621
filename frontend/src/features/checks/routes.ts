import type { RouteLocationNormalized, RouteRecordRaw } from 'vue-router'

const withId = ({ params }: RouteLocationNormalized) => ({ id: Number(params.id) })

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
    component: () => import('./checks/CheckPage.vue'),
    props: withId,
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
    component: () => import('./checkIns/CheckInPage.vue'),
    props: withId,
    meta: { title: 'common.nav.check-ins' },
  },
]
