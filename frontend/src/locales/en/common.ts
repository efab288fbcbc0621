import type { Messages } from '../zh-CN'

const common: Messages['common'] = {
  nav: {
    overview: 'Overview', servers: 'Servers', alerts: 'Alerts', silences: 'Silences', policies: 'Policies',
    users: 'Users', channels: 'Channels', notifications: 'Notifications', audit: 'Audit log', settings: 'Settings', coverage: 'Coverage',
    profile: 'Profile', monitoring: 'Monitoring', administration: 'Administration', more: 'More', skip: 'Skip to content', main: 'Main',
  },
  action: {
    save: 'Save', cancel: 'Cancel', close: 'Close', delete: 'Delete', edit: 'Edit', add: 'Add', create: 'Create', confirm: 'Confirm',
    retry: 'Try again', refresh: 'Refresh', search: 'Search', clear: 'Clear', copy: 'Copy', copied: 'Copied', more: 'Load more', back: 'Back',
    download: 'Download', export: 'Export', import: 'Import', test: 'Test', view: 'View', reset: 'Reset', apply: 'Apply', select: 'Select', logOut: 'Log out', menu: 'Menu',
  },
  state: {
    loading: 'Loading…', empty: 'Nothing here yet', noMatch: 'Nothing matches', noMatchHint: 'Try another filter, or clear them.',
    error: 'Could not load this', forbidden: 'Not allowed', forbiddenHint: 'This page is for administrators.', notFound: 'Not found', notFoundHint: 'It may have been deleted, or it is not yours to see.',
    unreachable: 'The server cannot be reached', unreachableHint: 'This updates by itself once it is back.', unavailable: 'The service is unavailable', saved: 'Saved', created: 'Created', deleted: 'Deleted', unknown: 'Something went wrong',
    leave: 'There are unsaved changes. Leave all the same?', all: 'That is all',
  },
  missing: {
    away: 'The server cannot be reached, and this part of the screen has not been loaded yet.', updated: 'monitor has been updated, and this part of the screen is from before. Reload the page; what you typed and did not save is lost then.',
    broken: 'This part of the screen could not be loaded.', reload: 'Reload the page',
  },
  live: { on: 'Live', connecting: 'Connecting', off: 'Connection lost, trying again…', paused: 'Paused' },
  status: { online: 'Online', offline: 'Offline', never: 'Never reported' },
  level: { warning: 'Warning', critical: 'Critical', ok: 'OK' },
  alertState: { pending: 'Pending', firing: 'Firing', resolved: 'Resolved', cancelled: 'Cancelled' },
  metric: {
    cpu: 'CPU', memory: 'Memory', disk: 'Disk', offline: 'Offline', load1: 'Load 1 min', load5: 'Load 5 min', load15: 'Load 15 min', swap: 'Swap',
    net_rx: 'Network in', net_tx: 'Network out', disk_read: 'Disk read', disk_write: 'Disk write', temperature: 'Temperature', uptime: 'Uptime', processes: 'Processes', disk_of: 'Disk {path}',
  },
  scope: { everything: 'All servers', tag: 'Tag {tag}', server: 'Server {name}', everythingHint: 'Any server', byTag: 'By tag', byServer: 'One server', kind: 'Scope', pickTag: 'Choose a tag', pickServer: 'Choose a server' },
  time: {
    now: 'just now', never: 'never', second: '{n} s', minute: '{n} min', hour: '{n} h', day: '{n} d', from: 'From', to: 'To', range: 'Time range', last: 'Last {span}',
    custom: 'Custom', utc: 'UTC', local: 'Local time', zone: 'Time zone', toUtc: 'Show times in UTC', toLocal: 'Show times in the local zone', clockAhead: 'clock {span} ahead', clockBehind: 'clock {span} behind', seconds: 'seconds', minutes: 'minutes', hours: 'hours', days: 'days', short: { s: 's', m: 'm', h: 'h', d: 'd' },
  },
  form: { required: 'Required', optional: 'optional', invalid: 'Not valid', typeToConfirm: 'Type {word} to confirm', tooLong: 'At most {limit} characters', email: 'Not an e-mail address' },
  theme: { label: 'Theme', system: 'Like the system', light: 'Light', dark: 'Dark' },
  language: 'Language',
  help: { title: 'Keyboard', search: 'Search', help: 'Show this help', go: 'Go to {page}', close: 'Close a dialog' },
  banner: { defaultPassword: 'The default password admin123 is still in use: anybody who reaches this machine can log in.', commonPassword: 'Your password is a very common one. Please change it.', change: 'Change password' },
  table: { selectAll: 'Select all', select: 'Select {name}', tags: 'Tags', users: 'Users' },
  count: { selected: '{n} selected', items: '{n} in all', servers: '{n} server | {n} servers' },
}

export default common
