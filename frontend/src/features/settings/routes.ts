import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/settings',
    name: 'settings',
    component: () => import('./SettingsPage.vue'),
    meta: { title: 'common.nav.settings', isForAdmins: true },
  },
  {
    path: '/settings/mail',
    name: 'mail',
    component: () => import('./mail/MailPage.vue'),
    meta: { title: 'settings.mail.title', isForAdmins: true },
  },
  {
    path: '/configuration',
    name: 'configuration',
    component: () => import('./configuration/ConfigurationPage.vue'),
    meta: { title: 'common.nav.configuration', isForAdmins: true },
  },
]
