import type { Widened } from '../zh-CN'
import type zh from '../zh-CN/incidents'

const incidents: Widened<typeof zh> = {
  view: { label: 'Rows', incidents: 'Incidents', single: 'Single alerts' },
  unfold: 'Alerts of: {title}',
  alerts: '{n} alert | {n} alerts',
  firing: '{firing} of {n} alert firing | {firing} of {n} alerts firing',
  missing: '{n} more alert on the page of the incident | {n} more alerts on the page of the incident',
  cut: 'The oldest {n} of {all} are shown.',
  and: ', ',
  state: { firing: 'Firing', acknowledged: 'Acknowledged', ended: 'Ended' },
  report: 'Download report',
  isPart: 'Incident #{id} was merged into this one.',
  first: 'What came first',
  size: 'Size',
  merged: 'Merged incidents',
  cause: {
    title: 'In common',
    affected: 'Affected',
    of: '{sick} of {all}',
    healthy: 'Healthy',
    none: 'nothing found',
    tag: 'tag {value}',
    network: 'network {value}',
    server: 'depends on server {value}',
    check: 'depends on check {value}',
  },
  notified: {
    title: 'Who was notified',
    none: 'No one has been notified yet.',
    who: 'Recipient',
    at: 'First notified',
    ways: 'Ways',
    confirmed: 'Acknowledged',
  },
  silence: {
    title: 'Silence the incident',
    tag: 'Silences the tag {tag}, including its healthy servers.',
    each: 'Silences each of its servers and checks that fires and that you may change.',
    done: 'Silenced',
  },
  outage: {
    groups: 'Tags and networks',
  },
  held: {
    mark: 'held: depends on {name}, which is down',
    hint: 'If it still fires when that is back, one notification is sent.',
  },
  depends: {
    title: 'Depends on',
    hint: 'While one of these is down, there is no notification for this alone, and its alerts join the same incident. Up to {n}.',
    pick: 'Search servers and checks',
    remove: 'Remove the dependency on {name}',
    by: 'Needed by',
  },
  suggested: {
    title: 'Suggested dependencies',
    hint: 'Finds, in the alerts of the last 90 days, what goes down together with something else.',
    find: 'Search',
    none: 'Nothing found that goes down together often enough.',
    together: 'down together {n} of {all} times',
    removes: 'would have saved {n} notification | would have saved {n} notifications',
    loses: 'and hidden {n} that was rated useful | and hidden {n} that were rated useful',
    losesNone: 'and hidden none that was rated useful',
    accept: 'Add dependency',
    acceptNamed: 'Add dependency of {name} on {on}',
    on: 'depends on',
    all: 'Show all {n}',
    done: 'Dependency added',
  },
}

export default incidents
