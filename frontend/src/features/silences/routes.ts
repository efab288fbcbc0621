import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/silences', name: 'silences', component: () => import('./SilencesPage.vue'), meta: { title: 'silences.title' } },
]
