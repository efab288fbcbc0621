import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/notifications',
    name: 'notifications',
    component: () => import('./NotificationsPage.vue'),
    meta: { title: 'common.nav.notifications', isForAdmins: true },
  },
  {
    path: '/channels',
    name: 'channels',
    component: () => import('./channels/ChannelsPage.vue'),
    meta: { title: 'common.nav.channels', isForAdmins: true },
  },
  {
    path: '/coverage',
    name: 'coverage',
    component: () => import('./coverage/CoveragePage.vue'),
    meta: { title: 'common.nav.coverage', isForAdmins: true },
  },
]
