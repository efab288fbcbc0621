import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/',
    name: 'overview',
    component: () => import('./overview/OverviewPage.vue'),
    meta: { title: 'common.nav.overview' },
  },
  {
    path: '/forecasts',
    name: 'forecasts',
    component: () => import('./forecasts/ForecastsPage.vue'),
    meta: { title: 'common.nav.forecasts' },
  },
  {
    path: '/servers',
    name: 'servers',
    component: () => import('./servers/ServersPage.vue'),
    meta: { title: 'common.nav.servers' },
  },
  {
    path: '/servers/compare',
    name: 'compare',
    component: () => import('./compare/ComparePage.vue'),
    meta: { title: 'server.compare.title' },
  },
  {
    path: '/servers/:id(\\d+)',
    name: 'server',
    component: () => import('./server/ServerPage.vue'),
    props: ({ params }) => ({ id: Number(params.id) }),
    meta: { title: 'common.nav.servers' },
  },
  {
    path: '/wallboard',
    name: 'wallboard',
    component: () => import('./wallboard/WallboardPage.vue'),
    meta: { title: 'common.nav.wallboard', isAlone: true, isOpenedByToken: true },
  },
]
