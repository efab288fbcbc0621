import type { Messages } from '../zh-CN'

const silences: Messages['silences'] = {
  title: 'Silences', subtitle: 'During a silence alerts are still recorded, but no notifications are sent.', new: 'New silence', create: 'Create silence', created: 'Silence created', allMetrics: 'All metrics',
  phase: { active: 'Active', upcoming: 'Upcoming', past: 'Past' },
  empty: { active: 'No active silences', upcoming: 'No upcoming silences', past: 'No past silences' },
  mode: { now: 'From now', span: 'Fixed period', repeat: 'Recurring' },
  form: {
    scope: 'Scope', metric: 'Metric', when: 'When', lasts: 'Duration', weekdays: 'Days', starts: 'Starts at', duration: 'Duration each time', zone: 'Time zone',
    reason: 'Reason', reasonHint: 'For example: planned maintenance',
  },
  repeat: { daily: 'every day', workdays: 'Monday to Friday', weekend: 'weekends', and: ', ', sentence: 'Repeats {days} at {starts} for {duration} ({zone}).' },
  acts: {
    now: 'Active until {end} ({left} left).', next: 'Next active from {begin} to {end}, for {lasts} ({when}).', over: 'Ended.', never: 'Never active: no occurrence falls between its start and its end.',
    unreadable: 'Never active: its recurrence cannot be read. Delete it and create a new one.',
  },
  row: { by: 'by {name}', reason: 'Reason', scope: 'Scope', when: 'When', until: '{from} to {to}', noReason: 'No reason given' },
  effect: {
    ask: 'What did it hold back?', none: 'It held nothing back.', held: 'It held back {what}.', wouldNone: 'From {from} to {to} it would have held nothing back.', would: 'From {from} to {to} it would have held back {what}.', people: 'Notifications by user: {people}.', comma: ', ',
    alerts: '{n} alert | {n} alerts', and: ' and ', notifications: '{n} notification | {n} notifications', parts: 'Never sent: {hidden}; sent when it ends: {later}.',
  },
  mark: { label: 'Active silences', all: 'Silenced until {end}', metric: '{metric} silenced until {end}', until: 'until {end}' },
  action: { end: 'End now', delete: 'Delete', duplicate: 'Duplicate' },
  confirmEnd: { title: 'End this silence?', text: 'Notifications of alerts that are still firing are sent immediately.', recurring: 'The whole recurring silence is deleted and does not repeat. Notifications of alerts that are still firing are sent immediately.', done: 'Silence ended' },
  confirmDelete: { title: 'Delete this silence?', text: 'This cannot be undone.', done: 'Silence deleted' },
}

export default silences
