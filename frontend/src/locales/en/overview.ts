import type { Messages } from '../zh-CN'

const overview: Messages['overview'] = {
  total: 'Servers', online: 'Online', offline: 'Offline', neverReported: 'Never reported', silenced: 'Silenced', firing: 'Alerts firing', criticalOf: '{n} critical', allWell: 'All is well', allWellHint: 'No alert is firing, and no host is silent.',
  attention: 'Needs attention', fleet: 'Fleet', silent: 'Silent', silentSince: 'last report {when}', filling: 'Filling disk', allFilling: 'Show all filling disks', fullIn: 'full {when}', perDay: '+{value} a day',
  unacknowledged: 'not acknowledged', acknowledged: 'acknowledged by {name}', forSpan: 'for {span}', moreAlerts: '{n} more alert | {n} more alerts', moreSilent: '{n} more silent host | {n} more silent hosts',
  grid: 'Grid', table: 'Table', view: 'View', sort: 'Sort', byName: 'By name', byTrouble: 'Trouble first', byCpu: 'By CPU', byMemory: 'By memory', byDisk: 'By disk', server: 'Server', hour: 'CPU, last hour', status: 'Status', reported: 'Last report',
  cpuHour: '{name}: CPU in the last hour',
  start: {
    title: 'Three steps to begin', host: 'Your first host', hostHint: 'Register a server, run one line on it, and see its values within seconds.', addHost: 'Add a server',
    recipient: 'Your first recipient', recipientHint: 'Give yourself an e-mail address and link yourself to a server: alerts go to the people linked to it.', setEmail: 'Set my e-mail',
    mail: 'A first test mail', mailHint: 'Make a mail channel and press “Test”, to be sure that alerts arrive.', tryMail: 'Test mail', noSmtp: 'No mail server is set up yet (SMTP_HOST).', done: 'done', hide: 'Hide this', progress: '{n} of 3 done',
  },
}

export default overview
