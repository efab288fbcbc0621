import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/policies', name: 'policies', component: () => import('./PoliciesPage.vue'), meta: { title: 'policies.title' } },
  { path: '/policies/new', name: 'policy-new', component: () => import('./PolicyPage.vue'), meta: { title: 'policies.new' } },
  { path: '/policies/:id(\\d+)', name: 'policy', component: () => import('./PolicyPage.vue'), props: ({ params }) => ({ id: Number(params.id) }), meta: { title: 'policies.one' } },
]
