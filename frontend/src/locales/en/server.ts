import type { Messages } from '../zh-CN'

const server: Messages['server'] = {
  all: 'All servers',
  tab: { charts: 'Charts', policies: 'Policies', alerts: 'Alerts', keys: 'Keys', silences: 'Silences' },
  head: {
    address: 'IP address', port: 'Port', lastReport: 'Last report', noUsers: 'no users', more: '{n} more', and: ', ', since: 'for {span}',
    skewHint: 'The clock of this server is far from that of the monitoring server; the times of its samples may be wrong.',
  },
  action: { share: 'Share', silence: 'Silence', install: 'Install agent', more: 'More actions' },
  delete: { title: 'Delete {name}?', text: 'Its samples, alerts and keys are deleted with it. This cannot be undone.' },
  live: { title: 'Values now', fileSystems: 'File systems', processes: 'Busiest processes', others: 'Other values', process: 'Process', running: '{n} running', noProcesses: 'The agent reports no processes' },
  group: { load1: 'Load', net_rx: 'Network', disk_read: 'Disk throughput', disk_: 'File systems' },
  part: { load1: '1 min', load5: '5 min', load15: '15 min', net_rx: 'In', net_tx: 'Out', disk_read: 'Read', disk_write: 'Write' },
  span: { '1h': '1 h', '6h': '6 h', '24h': '24 h', '7d': '7 d', '30d': '30 d', '1y': '1 y' },
  range: { back: 'Back', earlier: 'Earlier', later: 'Later', zoomOut: 'Zoom out' },
  chart: {
    summary: '{metric}: latest {last}, lowest {min}, average {avg}, highest {max}',
    average: 'avg {value}', highest: 'max {value}', spokenRange: '{metric} average {avg}, from {min} to {max}',
    coverage: '{share} sampled', everySample: 'every sample ({span})', averages: 'averages of {span}',
    silence: 'Silence: {reason}', none: 'Nothing measured in this time', noData: 'No data yet', noDataHint: 'Install the agent on this server to see its charts.',
    hint: 'Drag over a chart to zoom in, double-click to go back; click a legend entry to hide its line. The pale band goes from lowest to highest, a break means nothing was sampled; bars above a chart are alerts, hatched ones silences.',
  },
  export: { failed: 'The picture could not be made' },
  policies: {
    metric: 'Metric', thresholds: 'Thresholds', sustained: 'Sustained for', because: 'Applies because', overridden: 'Overrides', off: 'Not watched', offline: 'Stops reporting',
    by: { server: 'It names this server', tag: 'Tagged {name}' },
    exception: 'Make an exception', new: 'New policy for this server', empty: 'No policy covers this server', emptyHint: 'Without a policy there are no alerts.',
  },
  alerts: {
    metric: 'Metric', level: 'Level', state: 'State', value: 'Value', peak: 'Worst', fired: 'Fired', lasted: 'Lasted', acknowledged: 'acknowledged by {name}',
    empty: 'No alerts on this server', emptyHint: 'They are listed here once a policy fires.',
  },
  keys: {
    name: 'Name', prefix: 'Key', created: 'Created', used: 'Last used', new: 'New key', revoke: 'Revoke', revoked: 'Key revoked', once: 'The key is shown this once: save it now.',
    hint: 'Agents report this server with a key. To change it, make a new one first and revoke the old one after.', empty: 'This server has no key yet', emptyHint: 'Installing an agent makes one.',
    revokeTitle: 'Revoke the key {name}?', revokeText: 'Agents that use it can no longer report, from now on.',
  },
  silences: { all: 'All silences', empty: 'No silence acts or is about to' },
}

export default server
