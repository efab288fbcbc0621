import type { Messages } from '../zh-CN'

const admin: Messages['admin'] = {
  users: {
    subtitle: 'Accounts, roles, and who is mailed about alerts.', add: 'Add a user', name: 'User name', role: 'Role', email: 'E-mail', level: 'Mailed from', created: 'Created', admin: 'Administrator', user: 'User', you: 'you', none: 'none',
    levelHint: 'Mailed about alerts of this level and above.', fromWarning: 'Warning and critical', onlyCritical: 'Critical only', commonPassword: 'very common password', password: 'Password', passwordRule: '8 to 128 characters, and not the user name; no common one for administrators.',
    edit: 'Edit {name}', reset: 'Reset password', resetTitle: 'Reset the password of {name}', resetHint: 'All sessions of this user end at once.', resetDone: 'Password reset', delete: 'Delete user', deleteText: 'Deletes {name} with their links and sessions. Servers and history stay.', search: 'Filter by name or e-mail',
    roleHint: 'Administrators see and manage everything; users see the servers linked to them.', created_done: 'User created',
  },
  channels: {
    subtitle: 'Where alerts go besides the people linked to a server.', add: 'Add a channel', name: 'Name', kind: 'Kind', to: 'To', level: 'Level', state: 'State', on: 'on', off: 'off', email: 'Mailbox', webhook: 'Webhook', apprise: 'Chat robot (Apprise)',
    address: 'E-mail address', url: 'URL', secret: 'Signing secret', secretHint: 'Each delivery is signed with HMAC-SHA256. Without one, deliveries are not signed.', keepHint: 'What is stored is not shown. Leave it empty to keep it.', locale: 'Language', appriseHint: 'Such as dingtalk://, feishu://, wecombot://, slack://, tgram://. Needs monitor[apprise].', webhookHint: 'A POST with JSON. Private addresses must be allowed with MONITOR_ALLOWED_DESTINATIONS.',
    same: '“{name}” already goes to the same place.',
    test: 'Send a test', tested: 'The test reached {name}', testFailed: 'Sending failed: {why}', empty: 'No channels yet', emptyHint: 'Without one, alerts go to the users linked to a server who have an e-mail address.', edit: 'Edit channel', deleteTitle: 'Delete channel', deleteText: '“{name}” will hear of no more alerts.',
  },
  notifications: {
    subtitle: 'To whom, through what, when, and whether it arrived.', at: 'Time', what: 'What', server: 'Server', to: 'Recipient', delivery: 'Delivery', attempts: 'Attempts', retry: 'Send again', retried: 'Queued again', empty: 'Nothing has been sent yet', all: 'All',
    deliveries: { pending: 'Waiting', held: 'Silenced', sent: 'Sent', parked: 'Parked', dropped: 'Given up' }, filter: 'Delivery', unknownRecipient: 'to be decided',
    events: { fired: 'Alert fired', escalated: 'Became critical', deescalated: 'Down to a warning', resolved: 'Resolved', cancelled: 'Cancelled', acknowledged: 'Acknowledged', reminded: 'Reminder', flapping: 'Flapping', calmed: 'Calm again', notified: 'Told' },
  },
  audit: { subtitle: 'Who did what, and when.', at: 'Time', who: 'User', action: 'Action', target: 'On', detail: 'Details', address: 'From', empty: 'Nothing recorded yet', nobody: 'system',
    words: {
      and: ', ', change: '{name}: {old} → {now}', changed: '{name} changed', none: 'none', yes: 'yes', no: 'no', off: 'switched off', first: 'the first administrator', role: 'role: {role}', setting: '{name}: {value}', key: '{prefix} for {whose}', fleet: 'the fleet', alert: 'Alert {id}', alertByMail: 'Alert {id}, by the link in a mail',
      notification: 'Notification {id}', hosts: '{first} to {last}', servers: '{n} servers',
    },
    fields: { import: 'by import', name: 'name', ip_address: 'address', port: 'port', tags: 'tags', user_ids: 'linked users', scope: 'servers', metric: 'metric', warning: 'warning', critical: 'critical', direction: 'direction', sustained_for: 'fires after', clear_margin: 'margin', clear_for: 'resolved after', enabled: 'switched on', role: 'role', email: 'e-mail', locale: 'language', alert_level: 'mailed from', least_level: 'told from', address: 'address', url: 'address', secret: 'secret' },
    actions: {
      'alert.acknowledge': 'Acknowledged an alert', 'api_key.create': 'Made a key', 'api_key.revoke': 'Revoked a key', 'channel.create': 'Added a channel', 'channel.delete': 'Deleted a channel', 'channel.update': 'Changed a channel', 'notification.retry': 'Sent a notification again',
      'policy.create': 'Added a policy', 'policy.delete': 'Deleted a policy', 'policy.update': 'Changed a policy', 'server.create': 'Added a server', 'server.delete': 'Deleted a server', 'server.update': 'Changed a server', 'server.link_users': 'Linked users to a server', 'server.unlink_users': 'Unlinked users from a server', 'server.add_tags': 'Added tags to a server', 'server.remove_tags': 'Removed tags from a server', 'server.simulate': 'Simulated servers', 'session.end': 'Ended a session', 'session.login': 'Logged in', 'session.login_failed': 'Failed to log in', 'session.logout': 'Logged out', 'session.refresh_reused': 'A session token was used twice',
      'settings.update': 'Changed settings', 'silence.create': 'Added a silence', 'silence.delete': 'Ended a silence', 'user.change_password': 'Changed a password', 'user.create': 'Added a user', 'user.delete': 'Deleted a user', 'user.reset_password': 'Reset a password', 'user.update': 'Changed a user', 'user.update_profile': 'Changed a profile',
    } },
  settings: {
    subtitle: 'For all servers. What is saved holds at once.', alerting: 'Alerting', retention: 'How long data is kept', offline_after: 'Offline after no report for', offline_afterHint: 'And never sooner than three of the host’s own intervals.', reminder_after: 'Reminder while unacknowledged, every', digest_wait: 'Wait to gather notifications', digest_waitHint: 'What happens in one moment goes in one mail.',
    raw_days: 'Samples at hand', raw_daysHint: 'Every sample, in the database’s table, for now and the live view.', chunk_days: 'Compressed history', chunk_daysHint: 'Every sample, compressed by the hour, for zooming in and backtests.', ten_minute_days: '10-minute summaries', ten_minute_daysHint: 'For charts of about a week.', hour_days: '1-hour summaries', hour_daysHint: 'For charts of months and years.', days: 'days', shorter: 'Keeping data for a shorter time deletes what is older. It can’t be brought back.', confirmTitle: 'Keep data for a shorter time', confirmAction: 'Save and delete',
  },
  coverage: {
    subtitle: 'If something broke now, would anybody be told?', good: 'Somebody would be told', goodHint: 'Every server has a policy, every policy has a recipient, and the channels work.', mail: 'Mail', mailOn: 'A mail server is set up', mailOff: 'No mail server is set up', mailOffHint: 'Set SMTP_HOST and its kin, and restart. Until then mails wait, for a day at most.', channels: 'Channels that fail', channelsNone: 'No channel fails', attempts: '{n} attempt | {n} attempts', unwatched: 'Servers that no policy covers', unwatchedNone: 'A policy covers every server',
    untold: 'Would fire, and nobody would hear of it', untoldNone: 'Every policy has a recipient', untoldHint: 'Link a user with an e-mail address to the server, or make a channel.', policy: 'Policy: {metric}', fixLink: 'Link users', fixAddress: 'Give a user an e-mail address', fixNewChannel: 'Make a channel', fixNewPolicy: 'Make a policy', fixPolicy: 'Look at the policies', fixChannel: 'Look at the channels', cli: 'Or, on the server',
  },
  profile: {
    subtitle: 'Your e-mail, language and sessions.', me: 'Profile', email: 'E-mail', emailHint: 'Mails about the servers linked to you go here. Empty: none.', level: 'Mailed from', language: 'Language', languageHint: 'Of the screen and of your mails.', theme: 'Theme', password: 'Password', sessions: 'Sessions', current: 'this one', end: 'End', ended: 'The session has ended', lastUsed: 'last used {when}', since: 'since {when}', everywhere: 'Log out everywhere', everywhereHint: 'Ends your sessions on all devices, this one included.', endText: 'That device will have to log in again.', unknownAgent: 'unknown client',
  },
}

export default admin
