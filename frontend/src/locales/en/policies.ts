import type { Messages } from '../zh-CN'

const policies: Messages['policies'] = {
  title: 'Policies', one: 'Policy', duplicate: 'Duplicate', new: 'New policy', named: { threshold: 'Policy on {metric}', forecast: 'Forecast of {metric}', range: 'Range of {metric}' }, subtitle: 'Policies decide when to alert. For each metric of a server, the policy with the most specific scope applies.',
  empty: 'No policies', emptyHint: 'Without a policy there are no alerts. Create one to get started.', exception: 'Add exception', readOnly: 'Only administrators can change policies with this scope.',
  order: 'Precedence', rule: 'The first policy in this list that covers a server applies to it. A disabled policy turns off monitoring of this metric for the servers it covers.',
  applies: 'applies to {n} server | applies to {n} servers', notMonitored: '{n} server not monitored | {n} servers not monitored', sustained: 'for {span}',
  kind: { threshold: 'Threshold', forecast: 'Forecast', range: 'Range' },
  kindHint: {
    threshold: 'Compares each value with the thresholds.',
    forecast: 'Draws a line through the last hours and fires if it reaches a threshold soon. Silent until half of these hours have samples.',
    range: 'Fires if a value is outside what was usual: the least and greatest value of the last days, without the newest 6 hours. Silent until half of these days have samples.',
  },
  within: 'within {span}', outside: 'outside the range of {span} by {part}', silent: 'silent until there are samples of {needed} (now {known})',
  direction: { above: 'Too high', below: 'Too low' },
  form: {
    kind: 'Compare', over: 'Line through the last', overHint: 'From 1 hour to 1 day. Longer is calmer, shorter is quicker.', within: 'Fires if it reaches a threshold within',
    days: 'Days of the range', beyond: 'Fires if outside by', beyondHint: 'A part of the span between the least and the greatest value.', level: 'Level', clearRangeHint: 'The value must stay within the least and greatest for this time.',
    note: 'What to do', noteHint: 'Shown with the alert and in its e-mail. Markdown: headings, lists, code, bold, links.',
    metric: 'Metric', scope: 'Scope', thresholds: 'Thresholds', direction: 'Direction', warning: 'Warning threshold', critical: 'Critical threshold', levelHint: 'It fires if the value is “{state}”.', thresholdHint: 'Leave empty to skip a level. A value equal to the threshold counts.',
    sustained: 'Fires after', sustainedHint: 'Every sample in this time must be at or beyond the threshold. 0 fires immediately.', clear: 'Resolves when', marginBy: 'back by', margin: 'Margin', marginFor: 'for', clearFor: 'Time to resolve',
    clearHint: 'The value must return past the threshold by more than this margin and stay there. This prevents repeated alerts.',
    marginHint: 'Leave empty to derive the margin from the thresholds.', enabled: 'Enabled', disabled: 'Disabled: this metric is not monitored in this scope',
  },
  checks: {
    up: 'Fires if every run of a check fails for the time below. This is always critical. It replaces the built-in rule, which fires after the attempts that the check allows. Disable this policy to get no alerts when these checks fail.', checkIn: 'A check-in is down if its job does not report in time, or reports a failure. This is always critical. Disable this policy to get no alerts about these check-ins.',
  },
  offline: { meaning: 'A server is offline if it does not report within the report timeout. This is always critical and has no thresholds. The timeout is the same for all servers, but at least three of a server’s reporting intervals. Disable this policy for servers that are often off, such as laptops.', settings: 'Change the report timeout', short: 'stops reporting' },
  noise: {
    title: 'Noisiest policies', hint: 'Notifications of alerts in the last {n} day, one for each person or channel, without reminders and ends; and the smallest edit that halves them. | Notifications of alerts in the last {n} days, one for each person or channel, without reminders and ends; and the smallest edit that halves them.',
    pages: '{n} notification | {n} notifications', night: '{n} at night', person: '{name} {n}', alerts: 'about 1 alert | about {n} alerts', alone: '1 alert ended within 10 minutes, unacknowledged | {n} alerts ended within 10 minutes, unacknowledged', verdicts: '{useful} useful, {noise} noise',
    change: { warning: 'Warning threshold {value}', critical: 'Critical threshold {value}', clear_margin: 'Margin {value}', sustained_for: 'Fires after {value}', clear_for: 'Resolves after {value}' }, and: ', ',
    suggestion: '{change}: {effects}.', removes: '{n} notification fewer | {n} notifications fewer', people: '{name} {before} → {after}', loses: 'none of them useful | 1 of them useful | {n} of them useful', delays: 'others heard of up to {span} later', take: 'Open with this edit',
  },
  closes: 'Saving cancels {n} firing alert of this policy. | Saving cancels {n} firing alerts of this policy.',
  confirmDelete: { title: 'Delete this policy?', text: 'Its open alerts ({n} firing) are cancelled. Recipients that were notified of them are notified again.' },
  confirmSwitch: { title: 'Enable or disable this policy?' },
  backtest: {
    title: 'Backtest', days: 'Days to look back', running: 'Running backtest', cancelled: 'Cancelled', incomplete: 'Choose a metric, a scope and a threshold to see how often the policy would have fired.',
    times: '0 times | once | {n} times', none: 'It would not have fired.', onServers: 'on {n} server, firing for {span} in total | on {n} servers, firing for {span} in total', onChecks: 'on {n} check, firing for {span} in total | on {n} checks, firing for {span} in total',
    verdicts: 'By your verdicts: {useful_kept} useful kept, {useful_lost} lost; {noise_removed} noise removed, {noise_kept} kept',
    already: '1 was already firing when the period began and is not counted | {n} were already firing when the period began and are not counted',
    short: 'none ended within an hour | 1 ended within an hour | {n} ended within an hour', escalations: 'no escalations | 1 escalation | {n} escalations', reminders: 'no reminders | 1 reminder | {n} reminders', perDay: 'Per day', most: 'at most {n}', onDay: '{day}: {times}',
    byServer: 'By server', byCheck: 'By check', server: 'Server', check: 'Check', count: 'Times', firing: 'Time firing', episodes: 'Occurrences', stillFiring: 'still firing', all: 'Show all {n}', fewer: 'Show fewer', cut: 'Showing the latest {n} of {total}.',
  },
  lines: { above: 'Highest values', below: 'Lowest values', hint: 'Drag a line to move its threshold.', warning: 'Warning line', critical: 'Critical line' },
  neighbours: {
    title: 'If you changed one thing', hint: 'Click a row to make that change. Nothing is saved yet.', take: 'Make this change', now: 'now {value}', sustained_for: 'Fires after', clear_margin: 'Margin',
    quietest: 'Quietest without losing a long alert:', isQuietest: 'No single change makes it quieter without losing an alert that lasted over an hour.',
    sentence: '{change}: {effects}', change: '{name} {from} → {to}', and: ', ', messages: 'no notifications instead of {before} | 1 notification instead of {before} | {n} notifications instead of {before}',
    loses: 'loses {n} that lasted over an hour', losesNone: 'loses none that lasted over an hour', later: '{span} later',
  },
}

export default policies
