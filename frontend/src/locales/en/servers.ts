import type { Messages } from '../zh-CN'

const servers: Messages['servers'] = {
  install: {
    title: 'Install an agent', fleet: 'Install agents on many hosts…', titleFor: 'Install an agent on {name}', make: 'Make a key and the command',
    intro: 'This makes a fresh key for this server, and one line that installs the agent. Keys made before stay good.',
    fleetIntro: 'This makes a fleet key: many hosts may share it, and each server is found by its IP address.',
    run: 'Run this on the host', needs: 'Needs root, curl and Python 3.9 or later. Run it again to update.',
    package: 'The monitor package is installed there', once: 'The key is shown this once.',
    fleetHint: 'Hosts that are not registered yet appear under “Unregistered hosts” once they report.',
    loopback: '{origin} can be reached from this machine only. For other hosts, open this page at an address that they reach.',
    waiting: 'Waiting for the first report…', waitingFleet: 'Waiting for a host to report with this key…', reporting: 'Reporting',
  },
  column: {
    name: 'Name', status: 'Status', alerts: 'Alerts', cpu: 'CPU', memory: 'Memory', disk: 'Disk', trend: 'CPU trend', address: 'IP address', port: 'Port',
    tags: 'Tags', users: 'Users', report: 'Last report', created: 'Created', menu: '',
  },
  filter: {
    label: 'Filter servers', q: 'Name, IP, tag, user', sort: 'Order', count: '{shown} of {total}',
    status: { online: 'Online', offline: 'Offline', never: 'Never reported' },
    alerts: { any: 'With alerts', critical: 'With critical alerts', warning: 'With warnings', none: 'Without alerts' },
    silenced: { yes: 'Silenced', no: 'Not silenced' },
  },
  table: { columns: 'Columns', alertsOf: '{n} firing, the worst: {level}', cpuHour: 'CPU of {name} in the last hour', actionsOf: 'Actions for {name}', more: 'More' },
  export: { shown: 'Export the {n} shown (CSV)', all: 'Export all {n} (CSV)' },
  action: {
    edit: 'Edit', share: 'Share with users', install: 'Install an agent', silence: 'Silence', delete: 'Delete',
    addTags: 'Add tags', removeTags: 'Remove tags', linkUsers: 'Link users', unlinkUsers: 'Unlink users', export: 'Export CSV',
  },
  batch: {
    selectAll: 'Select all {n}', clear: 'Clear selection', hidden: '{n} of them not in the list below', applies: 'Applies to {n} server. | Applies to {n} servers.', noTags: 'The selected servers have no tags.',
    silenceOne: 'Silence {name}', silenceMany: 'Silence {n} servers', silenced: '{n} server silenced | {n} servers silenced',
  },
  form: {
    add: 'Add server', addAction: 'Add and install an agent', edit: 'Edit {name}', share: 'Share {name}', shareHint: 'Linked users can see and manage this server, and are told of its alerts.',
    tagsHint: 'Type, and press Enter', usersHint: 'Who may see it and is told of alerts', stayLinked: 'You stay linked yourself.',
  },
  delete: { one: 'Delete {name}?', many: 'Delete {n} servers?', text: 'Samples, alerts, silences, keys and links to users go with them. This cannot be undone.', more: 'and {n} more' },
  empty: { title: 'No servers yet', hint: 'Add a server, then install an agent on it.' },
  import: {
    open: 'Import CSV…', title: 'Import servers from CSV', intro: 'A server whose IP address is known is updated, any other is created. All of the file, or nothing. Columns:', drop: 'Drop a CSV file here',
    choose: 'Choose a file', template: 'Download a template', another: 'Another file', apply: 'Import {n}', nothing: 'Nothing to change', done: '{created} created, {updated} updated',
    preview: 'What the import would do', line: 'Line', action: 'Does', changes: 'What', created: '{n} to create', updated: '{n} to update', unchanged: '{n} unchanged', hideUnchanged: 'Hide unchanged lines',
    does: { create: 'create', update: 'update', unchanged: 'leave' },
    field: { server_name: 'name', ip_address: 'IP address', port: 'port', tags: 'tags', users: 'users', columns: 'number of columns', file: 'file' },
    atLine: 'Line {n}', bad: '{n} problem. | {n} problems.', nothingStored: 'Nothing was imported. Mend the file and choose it again.',
  },
  unregistered: {
    title: 'Unregistered hosts', notice: '{n} host reports and is not registered yet. | {n} hosts report and are not registered yet.', look: 'Look and register', intro: 'These hosts report with a fleet key from an address that no server has. Their samples are kept once they are registered.',
    none: 'No host is waiting', tags: 'Tags for those you register (optional)', register: 'Register', registerMany: 'Register {n} selected', reports: '{n} report | {n} reports', nameFor: 'Name for {ip}', done: '{n} host registered | {n} hosts registered',
  },
}

export default servers
