import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/servers/:id(\\d+)',
    name: 'server',
    component: () => import('./ServerPage.vue'),
    props: ({ params }) => ({ id: Number(params.id) }),
    meta: { title: 'common.nav.servers' },
  },
]
