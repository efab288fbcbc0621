import type { Messages } from '../zh-CN'

const overview: Messages['overview'] = {
  checks: 'Checks down', checkIns: 'Check-ins down', total: 'Servers', online: 'Online', offline: 'Offline', neverReported: 'Never reported', silenced: 'Silenced', firing: 'Firing alerts', criticalOf: '{n} critical', allWell: 'All clear', allWellHint: 'No alert is firing and every server is reporting.',
  attention: 'Needs attention', fleet: 'Fleet', filling: 'Disk filling up', allFilling: 'Show all filling disks', fullIn: 'full {when}', perDay: '+{value} per day',
  unacknowledged: 'unacknowledged', acknowledged: 'acknowledged by {name}', moreAlerts: '{n} more alert | {n} more alerts', moreOffline: '{n} more offline server | {n} more offline servers',
  grid: 'Grid', table: 'Table', view: 'View', sort: 'Sort', byName: 'By name', byTrouble: 'Most urgent first', byCpu: 'By CPU', byMemory: 'By memory', byDisk: 'By disk', server: 'Server', hour: 'CPU, last hour', status: 'Status', reported: 'Last report',
  cpuHour: '{name}: CPU in the last hour',
  start: {
    title: 'Get started in three steps', host: 'Add your first server', hostHint: 'Add a server, run one command on it, and see its values within seconds.', addHost: 'Add server',
    recipient: 'Set up a recipient', recipientHint: 'Enter your e-mail address and link yourself to a server. Its alerts go to the linked users.', setEmail: 'Set my e-mail',
    mail: 'Send a test e-mail', mailHint: 'Add an e-mail channel and press “Send test” to make sure that alerts arrive.', tryMail: 'View channels', noSmtp: 'No mail server is configured yet (SMTP_HOST).', done: 'done', hide: 'Hide', progress: '{n} of 3 done',
  },
}

export default overview
