import type { Messages } from '../zh-CN'

const silences: Messages['silences'] = {
  title: 'Silences', subtitle: 'While a silence acts, alerts are recorded as ever and nobody is told.', new: 'New silence', create: 'Create silence', created: 'Silence created', allMetrics: 'All metrics',
  phase: { active: 'Active', upcoming: 'Upcoming', past: 'Past' },
  empty: { active: 'Nothing is silenced now', upcoming: 'No silence is to come', past: 'No silence has ended' },
  mode: { now: 'From now on', span: 'From – to', repeat: 'Repeating' },
  form: {
    scope: 'Scope', metric: 'Metric', when: 'When', lasts: 'How long', weekdays: 'Days', starts: 'Starts at', duration: 'For', zone: 'Time zone',
    reason: 'Reason', reasonHint: 'Planned maintenance, for example',
  },
  repeat: { daily: 'every day', workdays: 'Monday to Friday', weekend: 'weekends', and: ', ', sentence: 'Repeats: {days} at {starts}, for {duration} ({zone}).' },
  acts: {
    now: 'Acts now, until {end} ({left} left).', next: 'Acts next from {begin} to {end}, for {lasts} ({when}).', over: 'It is over.', never: 'It would never act: none of its windows lies between its beginning and its end.',
    unreadable: 'It never acts: its repetition cannot be read here. Delete it, and make another.',
  },
  row: { by: 'by {name}', reason: 'Reason', scope: 'Scope', when: 'When', actions: 'Actions', until: '{from} to {to}', noReason: 'No reason given' },
  mark: { label: 'Silences that act now', all: 'Silenced until {end}', metric: '{metric} silenced until {end}', until: 'until {end}' },
  action: { end: 'End now', delete: 'Delete', duplicate: 'Duplicate' },
  confirmEnd: { title: 'End this silence?', text: 'Whoever is concerned is told at once of alerts that still fire.', recurring: 'It is deleted as a whole and does not repeat again. Whoever is concerned is told at once of alerts that still fire.', done: 'Silence ended' },
  confirmDelete: { title: 'Delete this silence?', text: 'This can’t be undone.', done: 'Silence deleted' },
}

export default silences
