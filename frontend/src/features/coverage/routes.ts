import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/coverage', name: 'coverage', component: () => import('./CoveragePage.vue'), meta: { title: 'common.nav.coverage', isForAdmins: true } },
]
