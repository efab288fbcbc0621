import type { Messages } from '../zh-CN'

const alerts: Messages['alerts'] = {
  title: 'Alerts', one: 'Alert', bulk: 'Selected alerts', news: 'Show changes', acknowledge: 'Acknowledge', acknowledgeAgain: 'Acknowledge again', silence: 'Silence', policy: 'Policy', policyGone: 'deleted', policyBuiltIn: 'built in',
  selectAll: 'Select all', selected: '{n} of {shown} shown selected', selectOne: 'Select {name}', threshold: 'threshold {value}', full: 'will be full {time}', reaches: 'reaches {value} {time}', note: 'What to do', noReport: 'no report for {span}', certificateEnds: 'ends in {n} day | ends in {n} days', certificateEnded: 'ended {n} day ago | ended {n} days ago', peak: 'worst {value}', peakLevel: 'was {level}, {value}', lasted: 'for {span}',
  why: { title: 'Reason', missed: 'It was expected at {at} ({zone}) and did not come', failed: 'It reported a failure', status: 'It reported a failure, exit status {n}', said: '{what}: {output}' },
  subject: { server: 'Server', check: 'Check', check_in: 'Check-in', on: 'on' },
  tab: { firing: 'Firing', pending: 'Pending', past: 'Past' },
  empty: { firing: 'No firing alerts', pending: 'No pending alerts', past: 'No past alerts' },
  emptyHint: { firing: 'All clear.', pending: 'Alerts are listed here while a threshold is exceeded, but not yet for long enough to fire.', past: '' },
  filter: {
    q: 'Search servers', more: 'Filters', tag: 'Tag', anyTag: 'Any tag', label: 'Filter alerts', level: 'Level', anyLevel: 'Any level', server: 'Server', metric: 'Metric', anyMetric: 'Any metric', acknowledged: 'Acknowledgement', anyAck: 'Any ack state', notAck: 'Unacknowledged', ack: 'Acknowledged', anyTime: 'Any time',
  },
  pick: { metric: 'Choose a metric', own: 'Use the metric “{name}”', system: 'System', disks: 'Disks', network: 'Network', services: 'Services', containers: 'Containers', hostChecks: 'Checks by the host', checks: 'Checks and check-ins', others: 'Other metrics' },
  column: { level: 'Level', metric: 'Metric', server: 'Server', value: 'Value', valueAtEnd: 'Last value', peak: 'Worst', expected: 'Expected', since: 'Since', fired: 'Fired at', lasted: 'Duration', state: 'State', actions: 'Actions' },
  mark: {
    silenced: 'Silenced', acknowledged: 'Acknowledged', acknowledgedBy: 'Acknowledged by {name}', held: 'Held until {time}', heldHint: 'This metric has many alerts. You are notified at {time} if this one is still firing',
    late: 'Found late', lateHint: 'It was over when late samples showed it. Its recipients were notified once', takenBack: 'Taken back', takenBackHint: 'Late samples show that there was no breach',
  },
  ack: {
    title: 'Acknowledge this alert | Acknowledge {n} alerts', others: 'and {n} more', hint: 'Stops the reminders. You are notified again if the alert escalates.', note: 'Note', placeholder: 'For example: looking into it', done: 'Alert acknowledged | {n} alerts acknowledged',
    closed: '{n} alert had already ended and was not acknowledged: {names} | {n} alerts had already ended and were not acknowledged: {names}',
  },
  event: {
    began: 'Threshold crossed', turnedBad: 'Trouble began', lastReport: 'Last report', foreseen: 'Forecast reached the threshold', leftRange: 'Left its range', fired: 'Fired', escalated: 'Escalated to critical', deescalated: 'De-escalated to warning', resolved: 'Resolved', cancelled: 'Cancelled', acknowledged: 'Acknowledged', reminded: 'Reminder', due: 'Lasted too long to be held', flapping: 'Started flapping', calmed: 'Stopped flapping', found: 'Found late', notified: 'Notified', parked: 'Delivery failed',
  },
  cancelled: { 'check changed': 'Check changed', 'check deleted': 'Check deleted', 'check-in deleted': 'Check-in deleted', paused: 'Check-in paused', 'policy changed': 'Policy changed', 'policy deleted': 'Policy deleted', 'server deleted': 'Server deleted', 'late samples': 'Late samples show that there was no breach', 'no breach since the edit': 'No breach since the edit of the policy' },
  delivery: { pending: 'Queued', held: 'Silenced', sent: 'Sent', parked: 'Failed', dropped: 'Not sent' },
  timeline: { title: 'Timeline', email: 'e-mail', channel: 'channel', undelivered: 'Not delivered', attempts: '{n} attempt | {n} attempts', retried: 'Queued for delivery', notifications: 'View all notifications' },
  chart: { forecast: 'The dashed line is the forecast of the policy.', range: 'The dashed lines are the bounds of the policy’s range.', moreOfCheck: 'View check', more: 'View server', title: 'Samples behind this alert', offline: 'An offline server sends no samples. This chart shows its CPU around that time.', none: 'No samples for this period', noneHint: 'They may be older than the retention period.' },
  others: { title: 'Other alerts on this metric', all: 'View all', none: 'No other alerts on this metric.' },
  verdict: { title: 'Verdict', question: 'Was this alert useful?', useful: 'Useful', noise: 'Noise', by: '{verdict}, says {name} ({at})' },
  explain: {
    title: 'Why was I (not) notified?', at: 'at {at}', reset: 'When it fired', hint: 'Click a point of the chart to explain that moment.', others: '{n} more user who does not see the server | {n} more users who do not see the server',
    state: { ok: 'No alert was firing.', pending: 'The policy was breached, but not yet for long enough.', firing: 'The alert was firing.' },
    value: 'The value was {value}.', sustained: 'It had been breached for {seen}; {needed} are required.', noPolicy: 'No policy applies.', silence: 'A silence was active: {reason}.', offline: 'The server was offline.',
    policyChanged: 'The policy was changed on {at}; earlier values may have been different.', notRecorded: 'Reasons were not recorded for this alert, so those of today’s settings are shown.',
    reason: {
      notified: 'Notified on {at}.', below_level: 'Only notified of higher levels.', no_address: 'Had no e-mail address.', no_channel: 'Was disabled, or a user with the same address was notified instead.', silenced: 'Held back by a silence.', acknowledged: 'The alert was already acknowledged.',
      held: 'The alert was held, since its metric had many.', not_linked: 'Was not linked to the server.', pending: 'The policy was not yet breached for long enough.', ok: 'No alert was firing.',
      queued: 'The notification is queued.', ended: 'The alert ended before the notification was sent.', failed: 'Delivery failed: {error}',
    },
  },
  processes: { title: 'Top processes when it fired', name: 'Process' },
}

export default alerts
