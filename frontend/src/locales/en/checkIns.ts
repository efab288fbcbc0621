import type { Messages } from '../zh-CN'

const checkIns: Messages['checkIns'] = {
  subtitle: 'Jobs such as backups report here when they ran. If one does not report in time, or reports a failure, an alert fires.',
  add: 'Add check-in', all: 'View all check-ins', empty: 'No check-ins yet', emptyHint: 'Add one for a job, and let the job request its address at the end. You are notified if it stops reporting.', emptyHintOthers: 'Administrators create check-ins. Those of your servers are listed here.', search: 'Name',
  nameHint: 'For example: nightly backup', due: 'Schedule', period: 'At intervals', byCron: 'By cron expression', periodLabel: 'Period', periodHint: 'The job reports at least this often.', cronLabel: 'Cron expression', cronHint: 'Minute, hour, day, month, weekday', grace: 'Grace', graceHint: 'How late a report may be before the check-in is down.',
  serverHint: 'The server that the job runs on. People who see it see the check-in, and are notified of its alerts.', nextDue: 'Next due', lastPing: 'Last ping', lastDuration: 'Last duration', pings: 'Pings', days: 'Last 30 days', noAlerts: 'No alerts on this check-in',
  pause: 'Pause', resume: 'Resume', paused: 'Paused: it is not expected to report', resumed: 'Resumed: it is expected again after its next ping', deleteText: 'Its pings, alerts, policies and silences are deleted with it, and its address stops working. This cannot be undone.',
  problem: { needed: 'Enter something here', period: 'At least 5 seconds', schedule: 'Five fields, such as 0 3 * * *', grace: 'At least 1 second' },
  cron: { hourly: 'hourly at minute {minute}', hours: 'every {span} at minute {minute}', daily: 'daily at {at}', weekly: '{days} at {at}', monthly: 'monthly on day {day} at {at}', workdays: 'Monday to Friday' },
  meaning: { new: 'It waits for the first ping, and never alerts before.', up: 'The last report was in time.', late: 'It is due. It is down if no report comes within {grace} of that time.', missed: 'The job did not report in time. The next success brings it back.', failed: 'The job reported a failure. The next success brings it back.', paused: 'Pings are recorded, but nothing is expected and no alert fires.' },
  noPings: 'No pings yet', noPingsHint: 'Run the line above once to try it.', kind: { success: 'Success', start: 'Start', fail: 'Failure' }, exitStatus: 'exit status {n}', took: 'took {span}', output: 'Output ({n} byte) | Output ({n} bytes)',
  ping: { title: 'How the job reports', hint: 'Add this line to the end of the job. The address is a secret: those who know it can report for the job.', more: 'More ways to report', crontab: 'In a crontab, if the job succeeds:', status: 'With the exit status of the job, of which 0 is a success:', start: 'At the start, to measure how long the job takes:', fail: 'To report a failure:', body: 'With the end of the output of the job (10 kB are kept):' },
}

export default checkIns
