/** `g` and then one of these keys opens a page. */
export const PAGE_KEYS = [
  { key: 'o', to: '/', title: 'common.nav.overview' },
  { key: 's', to: '/servers', title: 'common.nav.servers' },
  { key: 'a', to: '/alerts', title: 'common.nav.alerts' },
  { key: 'c', to: '/checks', title: 'common.nav.checks' },
  { key: 'i', to: '/check-ins', title: 'common.nav.check-ins' },
  { key: 'm', to: '/silences', title: 'common.nav.silences' },
  { key: 'p', to: '/policies', title: 'common.nav.policies' },
]
