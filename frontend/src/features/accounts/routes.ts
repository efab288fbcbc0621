import type { RouteRecordRaw } from 'vue-router'
import LoginPage from './login/LoginPage.vue'

export const routes: RouteRecordRaw[] = [
  {
    path: '/login',
    name: 'login',
    component: LoginPage,
    meta: { title: 'session.login.title', isPublic: true },
  },
  {
    path: '/password',
    name: 'password',
    component: () => import('./PasswordPage.vue'),
    meta: { title: 'session.password.title' },
  },
  {
    path: '/second-factor',
    name: 'second-factor',
    component: () => import('./factors/SecondFactorPage.vue'),
    meta: { title: 'accounts.factor.required', isAlone: true },
  },
  {
    path: '/profile',
    name: 'profile',
    component: () => import('./profile/ProfilePage.vue'),
    meta: { title: 'common.nav.profile' },
  },
  {
    path: '/users',
    name: 'users',
    component: () => import('./users/UsersPage.vue'),
    meta: { title: 'common.nav.users', isForAdmins: true },
  },
  {
    path: '/audit',
    name: 'audit',
    component: () => import('./audit/AuditPage.vue'),
    meta: { title: 'common.nav.audit', isForAdmins: true },
  },
]
