import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'overview', component: () => import('./OverviewPage.vue'), meta: { title: 'common.nav.overview' } },
]
