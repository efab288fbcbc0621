import type { Messages } from '../zh-CN'

const policies: Messages['policies'] = {
  title: 'Policies', one: 'Policy', duplicate: 'Duplicate', new: 'New policy', named: 'Policy on {metric}', subtitle: 'Policies decide when to alert. For each metric of a server, the policy with the most specific scope applies.',
  empty: 'No policies', emptyHint: 'Without a policy there are no alerts. Create one to get started.', exception: 'Add exception', readOnly: 'Only administrators can change policies with this scope.',
  order: 'Precedence', rule: 'The first policy in this list that covers a server applies to it. A disabled policy turns off monitoring of this metric for the servers it covers.',
  applies: 'applies to {n} server | applies to {n} servers', notMonitored: '{n} server not monitored | {n} servers not monitored', sustained: 'for {span}',
  direction: { above: 'Too high', below: 'Too low' },
  form: {
    metric: 'Metric', scope: 'Scope', thresholds: 'Thresholds', direction: 'Direction', warning: 'Warning threshold', critical: 'Critical threshold', thresholdHint: 'Leave empty to skip a level. A value equal to the threshold counts.',
    sustained: 'Fires after', sustainedHint: 'Every sample in this time must be at or beyond the threshold. 0 fires immediately.', clear: 'Resolves when', marginBy: 'back by', margin: 'Margin', marginFor: 'for', clearFor: 'Time to resolve',
    clearHint: 'The value must return past the threshold by more than this margin and stay there. This prevents repeated alerts.',
    marginHint: 'Leave empty to derive the margin from the thresholds.', enabled: 'Enabled', disabled: 'Disabled: this metric is not monitored in this scope',
  },
  checks: {
    up: 'Fires if every run of a check fails for the time below. This is always critical. It replaces the built-in rule, which fires after the attempts that the check allows. Disable this policy to get no alerts when these checks fail.', checkIn: 'A check-in is down if its job does not report in time, or reports a failure. This is always critical. Disable this policy to get no alerts about these check-ins.',
    short: { up: 'is down', check_in: 'is missed or fails' },
  },
  offline: { meaning: 'A server is offline if it does not report within the report timeout. This is always critical and has no thresholds. The timeout is the same for all servers, but at least three of a server’s reporting intervals. Disable this policy for servers that are often off, such as laptops.', settings: 'Change the report timeout', short: 'stops reporting' },
  noise: {
    title: 'Most frequent notifications', hint: 'In the last {n} day, with the smallest edit that halves them. | In the last {n} days, with the smallest edit that halves them.', pages: '{n} alert | {n} alerts', night: '{n} at night', alone: '{n} ended within 10 minutes unacknowledged', verdicts: '{useful} useful, {noise} noise',
    change: { warning: 'Warning threshold {value}', critical: 'Critical threshold {value}', clear_margin: 'Margin {value}', sustained_for: 'Fires after {value}', clear_for: 'Resolves after {value}' }, and: ', ',
    removes: 'removes {n} alert, | removes {n} alerts,', loses: '{n} of them useful.', delays: 'Later by up to {span}.', take: 'Open with this edit',
  },
  closes: 'Saving cancels {n} firing alert of this policy. | Saving cancels {n} firing alerts of this policy.',
  confirmDelete: { title: 'Delete this policy?', text: 'Its open alerts ({n} firing) are cancelled. Recipients that were notified of them are notified again.' },
  confirmSwitch: { title: 'Enable or disable this policy?' },
  backtest: {
    title: 'Backtest', days: 'Days to look back', running: 'Running backtest', cancelled: 'Cancelled', incomplete: 'Choose a metric, a scope and a threshold to see how often the policy would have fired.',
    times: '0 times | once | {n} times', none: 'It would not have fired.', onServers: 'on {n} server, firing for {span} in total | on {n} servers, firing for {span} in total',
    already: '1 was already firing when the period began and is not counted | {n} were already firing when the period began and are not counted',
    sweep: 'With other thresholds', sweepHint: 'Click a row to use its thresholds.', perDay: 'Per day', most: 'at most {n}', onDay: '{day}: {times}',
    byServer: 'By server', server: 'Server', count: 'Times', firing: 'Time firing', episodes: 'Occurrences', stillFiring: 'still firing', all: 'Show all {n}', fewer: 'Show fewer', cut: 'Showing the latest {n} of {total}.',
  },
}

export default policies
