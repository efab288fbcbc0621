import type { RouteLocationNormalized, RouteRecordRaw } from 'vue-router'

const withId = ({ params }: RouteLocationNormalized) => ({ id: Number(params.id) })

export const routes: RouteRecordRaw[] = [
  { path: '/alerts', name: 'alerts', component: () => import('./AlertsPage.vue'), meta: { title: 'alerts.title' } },
  // E-mails link here.
  {
    path: '/alerts/:id(\\d+)',
    name: 'alert',
    component: () => import('./AlertPage.vue'),
    props: withId,
    meta: { title: 'alerts.one' },
  },
  {
    path: '/incidents/:id(\\d+)',
    name: 'incident',
    component: () => import('./incidents/IncidentPage.vue'),
    props: withId,
    meta: { title: 'alerts.incident' },
  },
  {
    path: '/explain',
    name: 'explain',
    component: () => import('./explain/ExplainPage.vue'),
    meta: { title: 'alerts.explain.page' },
  },
  {
    path: '/silences',
    name: 'silences',
    component: () => import('./silences/SilencesPage.vue'),
    meta: { title: 'silences.title' },
  },
  {
    path: '/policies',
    name: 'policies',
    component: () => import('./policies/PoliciesPage.vue'),
    meta: { title: 'policies.title' },
  },
  {
    path: '/policies/new',
    name: 'policy-new',
    component: () => import('./policies/PolicyPage.vue'),
    meta: { title: 'policies.new' },
  },
  {
    path: '/policies/:id(\\d+)',
    name: 'policy',
    component: () => import('./policies/PolicyPage.vue'),
    props: withId,
    meta: { title: 'policies.one' },
  },
]
