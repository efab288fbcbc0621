import type { Messages } from '../zh-CN'

const accounts: Messages['accounts'] = {
  users: {
    subtitle: 'Accounts, roles and alert e-mails.', add: 'Add user', name: 'User name', role: 'Role', email: 'E-mail', level: 'Notify from', created: 'Created', admin: 'Administrator', user: 'User', you: 'you', none: 'none',
    levelHint: 'E-mails are sent for alerts at this level and above.', commonPassword: 'common password', password: 'Password', passwordRule: '8 to 128 characters, different from the user name, and not a common password. It must be changed at the first log-in.',
    edit: 'Edit {name}', reset: 'Reset password', resetTitle: 'Reset the password of {name}', resetHint: 'All sessions of this user end immediately.', resetDone: 'Password reset', delete: 'Delete user', deleteText: 'Deletes {name}, their server links and their sessions. Servers and history are kept.', search: 'Filter by name or e-mail',
    roleHint: 'Administrators see and manage everything; users see the servers linked to them.', created_done: 'User created',
  },
  audit: { subtitle: 'Who did what, and when.', at: 'Time', who: 'User', action: 'Action', target: 'Target', detail: 'Details', address: 'IP address', empty: 'Nothing recorded yet', system: 'system', anonymous: 'not logged in',
    words: {
      and: ', ', change: '{name}: {old} → {now}', changed: '{name} changed', none: 'none', yes: 'yes', no: 'no', off: 'disabled', first: 'the first administrator', role: 'role: {role}', setting: '{name}: {value}', key: '{prefix} for {whose}', fleet: 'the fleet', alert: 'Alert {id}', alertByMail: 'Alert {id}, through an e-mail link',
      notification: 'Notification {id}', times: '{n} time | {n} times', others: 'others', quota: 'limit reached', unknownUser: 'unknown user name', before: 'before {when}', sent: 'sent', notSent: 'not sent: {why}', hosts: '{first} to {last}', servers: '{n} server | {n} servers',
    },
    fields: { import: 'imported', name: 'name', ip_address: 'address', port: 'port', tags: 'tags', user_ids: 'linked users', scope: 'servers', metric: 'metric', warning: 'warning', critical: 'critical', direction: 'direction', sustained_for: 'fires after', clear_margin: 'margin', clear_for: 'resolved after', enabled: 'enabled', role: 'role', email: 'e-mail', locale: 'language', alert_level: 'notify from', least_level: 'notify from', address: 'address', url: 'address', secret: 'secret', kind: 'type', starts_at: 'from', ends_at: 'until', recurrence: 'repeats', reason: 'reason' },
    actions: {
      'access.limited': 'Too many requests', 'access.refused': 'Not allowed', 'alert.acknowledge': 'Acknowledged an alert', 'audit.prune': 'Deleted old audit entries', 'api_key.create': 'Created a key', 'api_key.revoke': 'Revoked a key', 'channel.create': 'Added a channel', 'channel.delete': 'Deleted a channel', 'channel.test': 'Tested a channel', 'channel.update': 'Changed a channel', 'notification.retry': 'Resent a notification',
      'policy.create': 'Added a policy', 'policy.delete': 'Deleted a policy', 'policy.update': 'Changed a policy', 'server.create': 'Added a server', 'server.delete': 'Deleted a server', 'server.export': 'Exported servers', 'server.update': 'Changed a server', 'server.link_users': 'Linked users to a server', 'server.unlink_users': 'Unlinked users from a server', 'server.add_tags': 'Added tags to a server', 'server.remove_tags': 'Removed tags from a server', 'server.simulate': 'Simulated servers', 'session.end': 'Ended a session', 'session.login': 'Logged in', 'session.login_failed': 'Failed to log in', 'session.logout': 'Logged out', 'session.refresh_reused': 'Session token reused',
      'settings.update': 'Changed settings', 'silence.create': 'Created a silence', 'silence.delete': 'Ended a silence', 'team.create': 'Created a team', 'team.update': 'Changed a team', 'team.delete': 'Deleted a team', 'user.change_password': 'Changed a password', 'user.change_password_failed': 'Entered a wrong current password', 'user.create': 'Added a user', 'user.delete': 'Deleted a user', 'user.reset_password': 'Reset a password', 'user.update': 'Changed a user', 'user.update_profile': 'Changed a profile',
    } },
  profile: {
    subtitle: 'Your e-mail, language and sessions.', me: 'Profile', email: 'E-mail', emailHint: 'Alerts of servers linked to you are sent here. Leave empty to receive none.', level: 'Notify from', language: 'Language', languageHint: 'Used on screen and in your e-mails.', teams: 'Teams', teamsHint: 'You see the servers of your teams, and are notified of their alerts.', noTeams: 'You are in no team', theme: 'Theme', sessions: 'Sessions', current: 'this session', end: 'End', ended: 'Session ended', lastUsed: 'last used {when}', since: 'since {when}', everywhere: 'Log out everywhere', everywhereHint: 'Ends your sessions on all devices, including this one.', endText: 'That device has to log in again.', unknownAgent: 'unknown client',
  },
}

export default accounts
