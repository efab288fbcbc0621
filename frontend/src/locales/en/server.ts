import type { Messages } from '../zh-CN'

const server: Messages['server'] = {
  all: 'View all servers',
  tab: { charts: 'Charts', parts: 'Services and devices', policies: 'Policies', alerts: 'Alerts', keys: 'Keys', silences: 'Silences' },
  head: {
    agent: 'Agent', agentUnsaid: 'an early version', agentOld: '(old)', os: 'System', teams: 'Teams', teamAccess: '{name} ({access})', address: 'IP address', port: 'Port', lastReport: 'Last report', noUsers: 'no users', more: '{n} more', and: ', ', since: 'for {span}',
    skewHint: 'The clock of this server differs a lot from that of the monitoring server. Sample times may be wrong.',
  },
  action: { share: 'Share', silence: 'Silence', install: 'Install agent', more: 'More actions' },
  delete: { title: 'Delete {name}?', text: 'Its samples, alerts and keys are deleted with it. This cannot be undone.' },
  live: { title: 'Current values', fileSystems: 'File systems', processes: 'Top processes', others: 'Other metrics', process: 'Process', running: '{n} running', noProcesses: 'The agent reports no processes' },
  group: { load1: 'Load', net_rx: 'Network', disk_read: 'Disk throughput', disk_: 'File systems', net_rx_: 'Network interfaces', disk_read_: 'Disks', pressure_cpu: 'Pressure', inodes_: 'Inodes', temp_: 'Temperature sensors', raid_: 'RAID arrays', unit_: 'Units', container_up_: 'Containers up', container_cpu_: 'Container CPU', container_memory_: 'Container memory', check_up_: 'Checks', check_ms_: 'Check times', check_cert_days_: 'Certificate days left' },
  part: { load1: '1 min', load5: '5 min', load15: '15 min', net_rx: 'In', net_tx: 'Out', disk_read: 'Read', disk_write: 'Write', pressure_cpu: 'CPU', pressure_memory: 'Memory', pressure_io: 'I/O' },
  parts: {
    services: 'Services', containers: 'Containers', mounts: 'File systems', devices: 'Disks', arrays: 'RAID arrays', interfaces: 'Network interfaces', hostChecks: 'Checks by this host', checks: 'Checks and check-ins of this server',
    inodes: 'Inodes', state: 'State', memory: 'Memory', used: 'Used', time: 'Time', chart: 'Show chart', alert: 'New policy on this metric', failed: 'no failed units | {n} failed unit | {n} failed units', nothing: 'No services or devices reported', nothingHint: 'A newer agent reports units, containers, disks and interfaces where it can read them.',
  },
  span: { '1h': '1 h', '6h': '6 h', '24h': '24 h', '7d': '7 d', '30d': '30 d', '1y': '1 y' },
  range: { back: 'Back', earlier: 'Earlier', later: 'Later', zoomOut: 'Zoom out' },
  chart: {
    figures: '{metric}: latest {last}, lowest {min}, average {avg}, highest {max}',
    average: 'avg {value}', highest: 'max {value}', spokenRange: '{metric} average {avg}, from {min} to {max}',
    coverage: '{share} coverage', everySample: 'raw samples ({span})', averages: '{span} averages',
    silence: 'Silence: {reason}', none: 'No data for this period', noData: 'No data yet', noDataHint: 'Install the agent on this server to see its charts.',
    hint: 'Drag on a chart to zoom in, double-click to go back. Click a point to see who was notified at that time and why. Click a legend entry to hide its line. The shaded band spans minimum to maximum, and a gap means no samples. Bars above a chart are alerts, hatched bars are silences.',
  },
  export: { failed: 'The image could not be created. Try again.' },
  policies: {
    metric: 'Metric', thresholds: 'Thresholds', sustained: 'Sustained for', because: 'Reason', overridden: 'Overrides', off: 'Not monitored',
    by: { server: 'Set for this server', tag: 'Tagged {name}' },
    exception: 'Add exception', new: 'New policy for this server', empty: 'No policy covers this server', emptyHint: 'Without a policy there are no alerts.',
  },
  alerts: { empty: 'No alerts on this server', emptyHint: 'Alerts are listed here once a policy fires.' },
  keys: {
    name: 'Name', prefix: 'Key', created: 'Created', used: 'Last used', new: 'New key', revoke: 'Revoke', revoked: 'Key revoked', once: 'The key is shown only once. Save it now.',
    hint: 'Agents use a key to report data of this server. To replace a key, create a new one first, then revoke the old one.', empty: 'No keys yet', emptyHint: 'Install an agent to create one.',
    revokeTitle: 'Revoke key {name}?', revokeText: 'Agents that use this key can no longer report.',
  },
  silences: { all: 'View all silences', empty: 'No active or upcoming silences' },
}

export default server
