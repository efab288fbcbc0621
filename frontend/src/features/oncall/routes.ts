import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/on-call/:id(\\d+)?',
    name: 'on-call',
    component: () => import('./OnCallPage.vue'),
    props: ({ params }) => ({ id: Number(params.id) || undefined }),
    meta: { title: 'common.nav.on-call' },
  },
]
