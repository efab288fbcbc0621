import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/channels', name: 'channels', component: () => import('./ChannelsPage.vue'), meta: { title: 'common.nav.channels', isForAdmins: true } },
]
