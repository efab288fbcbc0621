import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/login', name: 'login', component: () => import('./LoginPage.vue'), meta: { title: 'account.login.title', isPublic: true } },
  { path: '/password', name: 'password', component: () => import('./PasswordPage.vue'), meta: { title: 'account.password.title' } },
]
