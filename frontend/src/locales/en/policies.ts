import type { Messages } from '../zh-CN'

const policies: Messages['policies'] = {
  title: 'Policies', one: 'Policy', duplicate: 'Duplicate', new: 'New policy', named: 'Policy on {metric}', subtitle: 'They decide when to alert: for each metric of a server, the one with the most specific scope.',
  empty: 'No policies', emptyHint: 'Without any, nothing ever alerts.', exception: 'Add an exception', readOnly: 'Policies of this scope are for administrators to change.',
  order: 'Precedence', rule: 'From the top, the first that covers a server decides for it. One that is switched off leaves the servers it covers unwatched on this metric.',
  decides: 'decides for {n} server | decides for {n} servers', decidesOff: '{n} server not watched | {n} servers not watched', sustained: 'for {span}',
  direction: { above: 'Too high', below: 'Too low' },
  form: {
    metric: 'Metric', scope: 'Scope', thresholds: 'Thresholds', direction: 'Direction', warning: 'Warning threshold', critical: 'Critical threshold', thresholdHint: 'Left empty, there is no such level. A value at the threshold counts.',
    sustained: 'Fires once it has lasted', sustainedHint: 'Every sample meanwhile must be at or beyond the threshold; 0 fires at once.', clear: 'Is over once', marginBy: 'better by', margin: 'Margin', marginFor: 'for', clearFor: 'Time until it is over',
    clearHint: 'It has to come back this far beyond the threshold and stay there, so that it does not fire again and again.',
    marginHint: 'Unless chosen, the margin follows the thresholds; left empty, it does so again.', enabled: 'Enabled', disabled: 'Switched off: this metric is not watched where it applies',
  },
  offline: { meaning: 'A server is offline once it has not reported for a set time. That is always critical and has no thresholds. The time is one for all servers, and never less than three of their intervals. Switch it off for servers that may be away, such as laptops that sleep.', settings: 'Change the time', short: 'stops reporting' },
  closes: 'Its firing alert then closes as cancelled. | Its {n} firing alerts then close as cancelled.',
  confirmDelete: { title: 'Delete this policy?', text: 'Its open alerts ({n} firing) close as cancelled, and whoever was told of them is told so.' },
  confirmSwitch: { title: 'Switch this policy?' },
  backtest: {
    title: 'Backtest', days: 'Days to look back', running: 'Looking back', cancelled: 'Cancelled', incomplete: 'With a metric, a scope and a threshold, this shows how often it would have fired.',
    times: '0 times | once | {n} times', none: 'It would not have fired.', onServers: 'it would have fired, on {n} server, for {span} in all | it would have fired, on {n} servers, for {span} in all',
    already: '1 was already firing when the period began; it is not counted | {n} were already firing when the period began; they are not counted',
    sweep: 'With other thresholds', sweepHint: 'Click one to take it.', perDay: 'Per day', most: 'at most {n}', onDay: '{day}: {times}',
    byServer: 'By server', server: 'Server', count: 'Times', firing: 'Firing for', episodes: 'One by one', stillFiring: 'would still fire', all: 'Show all {n}', fewer: 'Show fewer', cut: 'The newest {n} of {total}.',
  },
}

export default policies
