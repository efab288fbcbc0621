import type { Widened } from '../zh-CN'
import type zh from '../zh-CN/oncall'

const oncall: Widened<typeof zh> = {
  subtitle: 'Who is notified of alerts, in turns and step by step.',
  drill: 'Start a drill',
  nobody: 'no one',
  calendar: 'Calendar',
  earlier: 'Four weeks earlier',
  later: 'Four weeks later',
  coming: 'Upcoming shifts',
  noShifts: 'No shifts in these four weeks.',
  order: 'In this order: {people}',
  override: 'Change a turn',
  change: 'Change',
  overrides: 'Changed turns',
  endOverride: 'Undo',
  ics: 'Calendar address',
  icsHint:
    'Subscribe to this address (iCal) in a calendar app. Keep it private: anyone who knows it can see the shifts.',
  tab: { rotas: 'Rotas', escalations: 'Escalations' },
  rotas: {
    add: 'New rota',
    empty: 'No rotas yet',
    emptyHint: 'In a rota, people take turns. An escalation can notify the person who is on call.',
    now: 'On call now',
    next: 'Next',
    until: 'until {time}',
    from: 'from {time}',
    delete: 'Delete rota',
    deleteText: 'Deletes the rota {name}. Escalation steps that use it no longer notify its people.',
  },
  turn: {
    counted:
      'Changes after each day with hours, at {time} ({zone}) | Changes after {n} days with hours, at {time} ({zone})',
    days: 'Changes every day at {time} ({zone}) | Changes every {n} days at {time} ({zone})',
    weeks:
      'Changes every week on {weekday} at {time} ({zone}) | Changes every {n} weeks on {weekday} at {time} ({zone})',
  },
  form: {
    name: 'Name',
    edit: 'Edit {name}',
    people: 'People',
    peopleHint: 'They take turns in this order. A person who is away is skipped, and the next one steps in.',
    addPerson: 'Add a person',
    up: 'Move {name} up',
    down: 'Move {name} down',
    remove: 'Remove {name}',
    days: 'Days per turn',
    starts: 'First hand-over',
    hours: 'Hours',
    hoursHint: 'No one is on call outside these hours. Days without hours do not count towards a turn.',
    always: 'Always',
    atHours: 'At certain hours',
    weekdays: 'Days',
    nextDay: 'ends on the next day',
    removeHours: 'Remove these hours',
    moreHours: 'Add hours',
  },
  escalations: {
    add: 'New escalation',
    empty: 'No escalations yet',
    emptyHint:
      'An escalation sets who is notified first, and who is next if no one acknowledges. Choose it in a team or policy.',
    delete: 'Delete escalation',
    deleteText:
      'Deletes the escalation {name}. For teams and policies that use it, the users linked to a server are notified instead.',
  },
  step: {
    all: 'All steps',
    title: 'Step {n}',
    after: 'After the start',
    afterOf: 'Time of step {n}',
    to: 'Who is notified',
    toOf: 'Who is notified in step {n}',
    add: 'Add a step',
    remove: 'Remove step {n}',
    repeat: 'Repeat if no one acknowledges',
    repeatAfter: 'After the last step',
    repeats: 'Repetitions',
  },
  target: {
    user_id: 'Users',
    team_id: 'Teams',
    rota_id: 'Rotas',
    channel_id: 'Channels',
    linked: 'Linked',
    linkedPeople: 'everyone linked to the server',
    team_idNamed: 'team {name}',
    rota_idNamed: 'rota {name}',
    channel_idNamed: 'channel {name}',
  },
  reading: {
    first: 'Immediately: {who}',
    after: 'After {span}: {who}',
    empty: 'After {span}: no one, and the next step runs',
    repeat:
      'Again after another {span}, {n} time, if no one acknowledges | Again after another {span}, {n} times, if no one acknowledges',
    and: ', ',
    semicolon: '; ',
  },
}

export default oncall
