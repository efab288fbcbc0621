import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/on-call',
    name: 'on-call',
    component: () => import('./OnCallPage.vue'),
    meta: { title: 'common.nav.on-call' },
  },
  {
    path: '/on-call/:id(\\d+)',
    name: 'rota',
    component: () => import('./RotaPage.vue'),
    props: ({ params }) => ({ id: Number(params.id) }),
    meta: { title: 'oncall.rota' },
  },
]
