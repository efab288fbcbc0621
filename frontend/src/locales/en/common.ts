import type { Messages } from '../zh-CN'

const common: Messages['common'] = {
  nav: {
    overview: 'Overview', servers: 'Servers', alerts: 'Alerts', checks: 'Checks', 'check-ins': 'Check-ins', silences: 'Silences', policies: 'Policies',
    users: 'Users', channels: 'Channels', notifications: 'Notifications', teams: 'Teams', audit: 'Audit log', settings: 'Settings', cluster: 'Processes', configuration: 'Configuration', coverage: 'Coverage',
    profile: 'Account', monitoring: 'Monitoring', administration: 'Administration', more: 'More', skip: 'Skip to content', main: 'Main',
  },
  action: {
    save: 'Save', cancel: 'Cancel', close: 'Close', delete: 'Delete', edit: 'Edit', create: 'Create', confirm: 'Confirm',
    retry: 'Try again', refresh: 'Refresh', search: 'Search', clear: 'Clear', copy: 'Copy', copied: 'Copied', more: 'Load more',
    view: 'View', reset: 'Reset', apply: 'Apply', logOut: 'Log out', menu: 'Menu',
  },
  state: {
    loading: 'Loading…', empty: 'Nothing here yet', noMatch: 'No matches', noMatchHint: 'Change or clear the filters.',
    error: 'Failed to load', forbidden: 'Not allowed', forbiddenHint: 'Only administrators can open this page.', notFound: 'Not found', notFoundHint: 'It may have been deleted, or you don’t have access to it.',
    unreachable: 'The server cannot be reached', unreachableHint: 'This page updates automatically once it is back.', unavailable: 'The service is unavailable', historyAway: 'Older history is unavailable', historyAwayHint: 'It is kept in a separate store, which does not answer. The last days, alerts and reports are not affected.', saved: 'Saved', created: 'Created', deleted: 'Deleted', unknown: 'Something went wrong. Try again.',
    leave: 'You have unsaved changes. Leave anyway?', all: 'End of list',
  },
  missing: {
    away: 'The server cannot be reached, and this part of the page is not loaded yet.', updated: 'monitor has been updated. Reload the page to continue. Unsaved changes are lost.',
    broken: 'This part of the page could not be loaded.', reload: 'Reload page',
  },
  live: { on: 'Live', connecting: 'Connecting', off: 'Connection lost, reconnecting…', paused: 'Paused' },
  status: { online: 'Online', offline: 'Offline', never: 'Never reported' },
  access: { read: 'see only', write: 'see and change', readOnly: 'You may see this server, but not change it' },
  level: { warning: 'Warning', critical: 'Critical', ok: 'OK' },
  notifyFrom: { warning: 'Warning and critical', critical: 'Critical only' },
  alertState: { pending: 'Pending', firing: 'Firing', resolved: 'Resolved', cancelled: 'Cancelled' },
  scope: { check: 'Check {name}', check_in: 'Check-in {name}', byCheck: 'One check', pickCheck: 'Choose a check or check-in', checks: 'Checks', checkIns: 'Check-ins', everything: 'All servers', tag: 'Tag {tag}', server: 'Server {name}', everythingHint: 'Any server', byTag: 'By tag', byServer: 'One server', kind: 'Scope', pickTag: 'Choose a tag', moreServers: '{n} more: type a part of the name', pickServer: 'Choose a server' },
  time: {
    now: 'just now', never: 'never', second: '{n} s', minute: '{n} min', hour: '{n} h', day: '{n} d', from: 'From', to: 'To', range: 'Time range', last: 'Last {span}',
    custom: 'Custom', utc: 'UTC', local: 'Local time', zone: 'Time zone', toUtc: 'Show times in UTC', toLocal: 'Show times in the local zone', clockAhead: 'clock {span} ahead', clockBehind: 'clock {span} behind', seconds: 'seconds', minutes: 'minutes', hours: 'hours', days: 'days', short: { s: 's', m: 'm', h: 'h', d: 'd' },
  },
  form: { optional: 'optional', typeToConfirm: 'Type {word} to confirm', showPassword: 'Show password', hidePassword: 'Hide password' },
  theme: { label: 'Theme', system: 'System', light: 'Light', dark: 'Dark' },
  language: 'Language',
  help: { title: 'Keyboard shortcuts', search: 'Search', help: 'Show this help', go: 'Go to {page}', close: 'Close a dialog' },
  banner: { defaultPassword: 'The default password admin123 is still in use. Anyone who can reach this service can log in.', commonPassword: 'Your password is a common one. Change it to protect your account.', change: 'Change password' },
  table: { selectAll: 'Select all', select: 'Select {name}', tags: 'Tags', users: 'Users' },
  count: { selected: '{n} selected', items: '{n} total', servers: '{n} server | {n} servers' },
}

export default common
