import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/users', name: 'users', component: () => import('./UsersPage.vue'), meta: { title: 'common.nav.users', isForAdmins: true } },
]
