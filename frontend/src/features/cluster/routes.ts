import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/cluster',
    name: 'cluster',
    component: () => import('./ClusterPage.vue'),
    meta: { title: 'common.nav.cluster', isForAdmins: true },
  },
]
