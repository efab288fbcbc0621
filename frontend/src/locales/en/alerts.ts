import type { Messages } from '../zh-CN'

const alerts: Messages['alerts'] = {
  title: 'Alerts', one: 'Alert', bulk: 'For those selected', news: 'The list has changed: show it', acknowledge: 'Acknowledge', acknowledgeAgain: 'Acknowledge again', silence: 'Silence', policy: 'Policy', policyGone: 'deleted',
  selectAll: 'Select all', selectOne: 'Select {name}', threshold: 'threshold {value}', silentFor: 'silent for {span}', peak: 'worst {value}', peakLevel: 'was {level}, {value}', lasted: 'for {span}',
  tab: { firing: 'Firing', pending: 'Pending', past: 'Past' },
  empty: { firing: 'Nothing is firing', pending: 'Nothing is pending', past: 'No alert has ended' },
  emptyHint: { firing: 'All is well.', pending: 'What is beyond a threshold, but not for long enough yet, stands here.', past: '' },
  filter: {
    q: 'Search servers', more: 'Filters', tag: 'Tag', anyTag: 'Any tag', label: 'Filter alerts', level: 'Level', anyLevel: 'Any level', server: 'Server', metric: 'Metric', anyMetric: 'Any metric', acknowledged: 'Acknowledged or not', anyAck: 'Acked or not', notAck: 'Not acknowledged', ack: 'Acknowledged', anyTime: 'Any time',
  },
  pick: { metric: 'Choose or type a metric' },
  column: { level: 'Level', metric: 'Metric', server: 'Server', value: 'Value', valueAtEnd: 'Value at its end', peak: 'Worst', since: 'Since', fired: 'Fired', lasted: 'Lasted', state: 'State', actions: 'Actions' },
  mark: {
    acknowledged: 'Acknowledged', acknowledgedBy: 'Acknowledged by {name}', flapping: 'Flapping', flappingHint: 'It changes too often: no news until it has been calm for 3 hours',
    late: 'Late', lateHint: 'It fired and ended within samples that came late: nobody was told',
  },
  ack: {
    title: 'Acknowledge this alert | Acknowledge {n} alerts', others: 'and {n} more', hint: 'No more reminders are sent. Should it get worse, you will hear of it.', note: 'Note', placeholder: 'On it, for example', done: 'Acknowledged | {n} acknowledged',
    closed: '{n} had ended meanwhile and is not acknowledged: {names} | {n} had ended meanwhile and are not acknowledged: {names}',
  },
  event: {
    began: 'Beyond the threshold', lastReport: 'Last report', fired: 'Fired', escalated: 'Became critical', deescalated: 'Back to warning', resolved: 'Resolved', cancelled: 'Cancelled', acknowledged: 'Acknowledged', reminded: 'Reminder', flapping: 'Began to flap', calmed: 'Calm again', notified: 'Told', parked: 'Could not be told',
  },
  cancelled: { 'policy changed': 'The policy was changed', 'policy deleted': 'The policy was deleted', 'server deleted': 'The server was deleted' },
  delivery: { pending: 'Waiting', held: 'Held by a silence', sent: 'Sent', parked: 'Failed', dropped: 'No longer sent' },
  timeline: { title: 'Timeline', email: 'e-mail', channel: 'channel', undelivered: 'Not delivered', attempts: 'tried once | tried {n} times', notifications: 'All notifications' },
  chart: { more: 'On the server’s page', title: 'The samples behind it', offline: 'There are no samples of a silence: this is the CPU of the server, which shows where its reports stop.', none: 'No samples of that time', noneHint: 'They may be older than what is kept.' },
  others: { title: 'Before and after', all: 'All of them', none: 'It has not happened at any other time.' },
  processes: { title: 'Top processes at that moment', name: 'Process' },
}

export default alerts
