import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/servers', name: 'servers', component: () => import('./ServersPage.vue'), meta: { title: 'common.nav.servers' } },
]
