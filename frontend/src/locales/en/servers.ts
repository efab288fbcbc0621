import type { Messages } from '../zh-CN'

const servers: Messages['servers'] = {
  install: {
    title: 'Install agent', fleet: 'Install agents on many hosts…', titleFor: 'Install agent on {name}', make: 'Create key and command',
    intro: 'Creates a new key for this server and a one-line install command. Existing keys stay valid.', key: 'Key',
    fleetIntro: 'Creates a fleet key that many hosts can share. Servers are identified by their IP addresses.',
    run: 'Run this on the host', needs: 'It checks what it downloads and asks for the key. Requires root, curl and Python 3.9 or later. Run it again to update.',
    package: 'The monitor package is already installed (the key is in monitor-agent.key)', once: 'The key is shown only once.',
    alone: 'Without a prompt (Ansible, cloud-init)', aloneHint: 'Write the key to /etc/monitor-agent.key (owner root, mode 0600) first. The same command then asks for nothing.',
    http: 'This address is plain http: the checksum does not protect against changes made on the network. Use it only on a network you trust, or serve https.',
    fleetHint: 'Hosts that are not registered yet appear under “Unregistered hosts” after their first report.',
    loopback: '{origin} can be reached from this machine only. To monitor other hosts, open this page at an address they can reach.',
    waiting: 'Waiting for the first report…', waitingFleet: 'Waiting for a host to report with this key…', reporting: 'Reporting',
  },
  column: {
    name: 'Name', status: 'Status', alerts: 'Alerts', cpu: 'CPU', memory: 'Memory', disk: 'Disk', trend: 'CPU trend', address: 'IP address', port: 'Port',
    tags: 'Tags', users: 'Users', report: 'Last report', created: 'Created', menu: '',
  },
  filter: {
    label: 'Filter servers', q: 'Name, IP, tag, user', sort: 'Sort by', count: '{shown} of {total}',
    status: { online: 'Online', offline: 'Offline', never: 'Never reported' },
    alerts: { any: 'With alerts', critical: 'With critical alerts', warning: 'With warnings', none: 'Without alerts' },
    silenced: { yes: 'Silenced', no: 'Not silenced' },
  },
  table: { columns: 'Columns', alertsOf: '{n} firing, highest level: {level}', cpuHour: 'CPU of {name} in the last hour', actionsOf: 'Actions for {name}', more: 'More' },
  export: { shown: 'Export the {n} shown (CSV)', all: 'Export all {n} (CSV)', progress: 'Exporting: {n} of {of}' },
  action: {
    edit: 'Edit', share: 'Share with users', install: 'Install agent', silence: 'Silence', delete: 'Delete',
    addTags: 'Add tags', removeTags: 'Remove tags', linkUsers: 'Link users', unlinkUsers: 'Unlink users', export: 'Export CSV',
  },
  batch: {
    selectAll: 'Select all {n}', clear: 'Clear selection', hidden: '{n} hidden by the current filter', applies: 'Applies to {n} server | Applies to {n} servers', noTags: 'The selected servers have no tags.',
    silenceOne: 'Silence {name}', silenceMany: 'Silence {n} server | Silence {n} servers', silenced: '{n} server silenced | {n} servers silenced',
  },
  form: {
    add: 'Add server', addAction: 'Add and install agent', edit: 'Edit {name}', share: 'Share {name}', shareHint: 'Linked users can view and manage this server, and receive its alerts.',
    tagsHint: 'Type a tag and press Enter', usersHint: 'They receive its alerts', stayLinked: 'You stay linked to this server.',
  },
  delete: { one: 'Delete {name}?', many: 'Delete {n} server? | Delete {n} servers?', text: 'Samples, alerts, silences, keys and user links are deleted as well. This cannot be undone.', more: 'and {n} more' },
  empty: { title: 'No servers yet', hint: 'Add a server, then install an agent on it.' },
  import: {
    open: 'Import CSV…', title: 'Import servers from CSV', intro: 'Servers with a known IP address are updated, all others are created. Either the whole file is imported or nothing. Columns:', drop: 'Drop a CSV file here',
    choose: 'Choose a file', template: 'Download a template', another: 'Choose another file', apply: 'Import {n}', nothing: 'Nothing to import', done: '{created} created, {updated} updated',
    preview: 'Import preview', line: 'Line', action: 'Action', changes: 'Details', created: '{n} to create', updated: '{n} to update', unchanged: '{n} unchanged', hideUnchanged: 'Hide unchanged lines',
    does: { create: 'create', update: 'update', unchanged: 'no change' },
    field: { server_name: 'name', ip_address: 'IP address', port: 'port', tags: 'tags', users: 'users', columns: 'number of columns', file: 'file' },
    atLine: 'Line {n}', bad: '{n} problem. | {n} problems.', nothingStored: 'Nothing was imported. Correct the file and choose it again.',
  },
  oldAgents: {
    notice: '{n} agent is older than {version}. | {n} agents are older than {version}.', look: 'Update', title: 'Update agents', run: 'Run this on each host. It keeps the key and the settings.',
  },
  unregistered: {
    title: 'Unregistered hosts', notice: '{n} host is reporting but not registered. | {n} hosts are reporting but not registered.', look: 'Review and register', intro: 'These hosts report with a fleet key, but their addresses do not belong to any server. Their samples are stored once they are registered.',
    none: 'No unregistered hosts', tags: 'Tags for registered hosts (optional)', register: 'Register', registerMany: 'Register {n} selected', reports: '{n} report | {n} reports', nameFor: 'Name for {ip}', address: 'IP address', addressFor: 'IP address of {name}', done: '{n} host registered | {n} hosts registered',
  },
}

export default servers
