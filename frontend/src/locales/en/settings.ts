import type { Messages } from '../zh-CN'

const settings: Messages['settings'] = {
  subtitle: 'Apply to all servers. Changes take effect immediately.',
  alerting: 'Alerting',
  logIn: 'Log-in',
  second_factor: 'Second factor required for',
  second_factorHint:
    'Users without a second factor can only set one up until they have it, also in sessions that are open now. Sessions begun by single sign-on are exempt.',
  second_factorMine: 'You have no second factor yourself: after saving, you set one up first.',
  factor: { optional: 'no one', admins: 'administrators', everyone: 'everyone' },
  prometheus_metrics: 'Metrics kept from other exporters',
  prometheus_metricsHint:
    'Of what Prometheus or vmagent sends, the metrics of node-exporter become those of an agent. Others are kept under their own names if they are listed here, with the values of their labels. At most 100; press Enter after each, or paste many.',
  retention: 'Data retention',
  offline_after: 'Report timeout',
  offline_afterHint:
    'A server without a report for this time is offline. For a server that reports rarely it is three of its reporting intervals.',
  reminder_after: 'Remind about unacknowledged alerts every',
  digest_wait: 'Group notifications for',
  digest_waitHint: 'Events within this time are sent in one e-mail.',
  ack_expires: 'Acknowledgements expire after',
  ack_expiresHint: 'An alert that is still firing then notifies its recipients again.',
  ack_never: 'never',
  last_resort: 'Last resort',
  last_resortHint: 'Notified if no step of an escalation reaches anyone.',
  last_resortAdmins: 'All administrators',
  default_locale: 'Language of messages',
  default_localeHint: 'For channels without a language, and for users until they choose one or log in from a browser.',
  raw_days: 'Raw samples',
  raw_daysHint: 'Every sample in the database table, for current values and the live view.',
  chunk_days: 'Compressed history',
  chunk_daysHint: 'Every sample, compressed by the hour, for zooming and backtests.',
  ten_minute_days: '10-minute rollups',
  ten_minute_daysHint: 'For charts of about a week.',
  hour_days: '1-hour rollups',
  hour_daysHint: 'For charts of months and years.',
  audit_days: 'Audit log',
  audit_daysHint: 'Who did what. Older entries are deleted, and the log records the deletion.',
  days: 'days',
  shorter: 'A shorter retention deletes older data. This cannot be undone.',
  confirmTitle: 'Shorten the retention?',
  confirmAction: 'Save and delete',
}

export default settings
