import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/teams',
    name: 'teams',
    component: () => import('./TeamsPage.vue'),
    meta: { title: 'common.nav.teams', isForAdmins: true },
  },
]
