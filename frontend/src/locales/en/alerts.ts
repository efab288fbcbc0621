import type { Messages } from '../zh-CN'

const alerts: Messages['alerts'] = {
  title: 'Alerts', one: 'Alert', bulk: 'Selected alerts', news: 'Show changes', acknowledge: 'Acknowledge', acknowledgeAgain: 'Acknowledge again', silence: 'Silence', policy: 'Policy', policyGone: 'deleted',
  selectAll: 'Select all', selectOne: 'Select {name}', threshold: 'threshold {value}', noReport: 'no report for {span}', peak: 'worst {value}', peakLevel: 'was {level}, {value}', lasted: 'for {span}',
  tab: { firing: 'Firing', pending: 'Pending', past: 'Past' },
  empty: { firing: 'No firing alerts', pending: 'No pending alerts', past: 'No past alerts' },
  emptyHint: { firing: 'All clear.', pending: 'Alerts are listed here while a threshold is exceeded, but not yet for long enough to fire.', past: '' },
  filter: {
    q: 'Search servers', more: 'Filters', tag: 'Tag', anyTag: 'Any tag', label: 'Filter alerts', level: 'Level', anyLevel: 'Any level', server: 'Server', metric: 'Metric', anyMetric: 'Any metric', acknowledged: 'Acknowledgement', anyAck: 'Any ack state', notAck: 'Unacknowledged', ack: 'Acknowledged', anyTime: 'Any time',
  },
  pick: { metric: 'Choose or type a metric' },
  column: { level: 'Level', metric: 'Metric', server: 'Server', value: 'Value', valueAtEnd: 'Last value', peak: 'Worst', since: 'Since', fired: 'Fired at', lasted: 'Duration', state: 'State', actions: 'Actions' },
  mark: {
    acknowledged: 'Acknowledged', acknowledgedBy: 'Acknowledged by {name}', flapping: 'Flapping', flappingHint: 'Changes too often. Notifications are paused until the alert has been stable for 3 hours',
    late: 'Late', lateHint: 'Fired and resolved within samples that arrived late. No notification was sent',
  },
  ack: {
    title: 'Acknowledge this alert | Acknowledge {n} alerts', others: 'and {n} more', hint: 'Stops the reminders. You are notified again if the alert escalates.', note: 'Note', placeholder: 'For example: looking into it', done: 'Alert acknowledged | {n} alerts acknowledged',
    closed: '{n} alert had already ended and was not acknowledged: {names} | {n} alerts had already ended and were not acknowledged: {names}',
  },
  event: {
    began: 'Threshold crossed', lastReport: 'Last report', fired: 'Fired', escalated: 'Escalated to critical', deescalated: 'De-escalated to warning', resolved: 'Resolved', cancelled: 'Cancelled', acknowledged: 'Acknowledged', reminded: 'Reminder', flapping: 'Started flapping', calmed: 'Stopped flapping', notified: 'Notified', parked: 'Delivery failed',
  },
  cancelled: { 'policy changed': 'Policy changed', 'policy deleted': 'Policy deleted', 'server deleted': 'Server deleted', 'check deleted': 'Check deleted' },
  delivery: { pending: 'Queued', held: 'Silenced', sent: 'Sent', parked: 'Failed', dropped: 'Not sent' },
  timeline: { title: 'Timeline', email: 'e-mail', channel: 'channel', undelivered: 'Not delivered', attempts: '{n} attempt | {n} attempts', retried: 'Queued for delivery', notifications: 'View all notifications' },
  chart: { more: 'View server', title: 'Samples behind this alert', offline: 'An offline server sends no samples. This chart shows its CPU around that time.', none: 'No samples for this period', noneHint: 'They may be older than the retention period.' },
  others: { title: 'Other alerts on this metric', all: 'View all', none: 'No other alerts on this metric.' },
  processes: { title: 'Top processes when it fired', name: 'Process' },
}

export default alerts
