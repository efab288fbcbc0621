import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/alerts', name: 'alerts', component: () => import('./AlertsPage.vue'), meta: { title: 'alerts.title' } },
  // Mails link here.
  { path: '/alerts/:id(\\d+)', name: 'alert', component: () => import('./AlertPage.vue'), props: ({ params }) => ({ id: Number(params.id) }), meta: { title: 'alerts.one' } },
]
