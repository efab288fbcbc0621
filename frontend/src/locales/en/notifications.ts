import type { Messages } from '../zh-CN'

const notifications: Messages['notifications'] = {
  sent: {
    subtitle: 'Every notification, its recipient and its delivery status.', at: 'Time', what: 'Event', server: 'Server', to: 'Recipient', delivery: 'Delivery', attempts: 'Attempts', retry: 'Resend', retried: 'Queued for delivery', empty: 'Nothing has been sent yet', all: 'All',
    filter: 'Delivery', unknownRecipient: 'not assigned yet',
  },
  channels: {
    subtitle: 'Where alerts are sent, in addition to the users linked to a server.', add: 'Add channel', name: 'Name', kind: 'Type', to: 'Destination', level: 'Notify from', state: 'State', on: 'enabled', off: 'disabled',
    unreadable: 'The stored secrets cannot be read. Enter them again.', keepHint: 'The stored value is hidden. Leave empty to keep it.',
    same: '“{name}” already has the same destination.',
    test: 'Send test', tested: 'Test sent to {name}', testFailed: 'Test failed: {why}', empty: 'No channels yet', emptyHint: 'Alerts go to linked users with an e-mail address. Add a channel to send them to a team mailbox, a webhook or a chat as well.', edit: 'Edit channel', deleteTitle: 'Delete channel', deleteText: 'Alerts are no longer sent to “{name}”.',
  },
  coverage: {
    subtitle: 'Checks that every alert has a recipient.', good: 'All alerts are covered', goodHint: 'Every server has a policy, every policy has a recipient, and all channels work.', mail: 'E-mail', mailOn: 'A mail server is configured', mailOff: 'No mail server is configured', mailOffHint: 'Set SMTP_HOST and the related settings, then restart. Until then e-mails are queued, for up to one day.', channels: 'Failing channels', channelsNone: 'No channel is failing', attempts: '{n} attempt | {n} attempts', noPolicy: 'Servers without a policy', noPolicyNone: 'Every server is covered by a policy',
    noRecipient: 'Policies without a recipient', noRecipientNone: 'Every policy has a recipient', noRecipientHint: 'Link a user with an e-mail address to the server, or add a channel.', policy: 'Policy: {metric}', fixLink: 'Link users', fixAddress: 'Enter e-mail addresses', fixNewChannel: 'Add channel', fixNewPolicy: 'Create policy', fixPolicy: 'View policies', fixChannel: 'View channels', cli: 'Send a test e-mail from the command line',
  },
}

export default notifications
