import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/profile', name: 'profile', component: () => import('./ProfilePage.vue'), meta: { title: 'common.nav.profile' } },
]
