import type { Messages } from '../zh-CN'

const checks: Messages['checks'] = {
  subtitle: 'The monitor itself asks these addresses again and again, and alerts if an answer is missing, wrong or late.',
  add: 'Add check', edit: 'Edit {name}', all: 'View all checks', empty: 'No checks yet', emptyHint: 'A check asks a website, port, host, name or certificate regularly. Add one to know when users cannot reach it.', emptyHintOthers: 'Administrators create checks. Those of your servers are listed here.',
  noAlerts: 'No alerts on this check', noRuns: 'A chart begins with the first run.', lastRun: 'Last run', lastFailure: 'Last failure', schedule: 'Runs', downAfter: 'Down after', failures: '{n} failure | {n} failures in a row', every: 'every {span}', timeoutOf: 'waits {span}', failing: '{n} of {of} failures | {n} of {of} failures',
  state: { new: 'New', up: 'Up', late: 'Late', down: 'Down', paused: 'Paused' },
  kind: { http: 'HTTP', tcp: 'TCP', ping: 'Ping', dns: 'DNS', tls: 'TLS' },
  column: { state: 'State', name: 'Name', server: 'Server', certificate: 'Certificate', days: 'Last 30 days' },
  filter: { label: 'Filter checks', q: 'Name or target', state: 'State' },
  run: { now: 'Run now', up: '{name} is up: {time}', down: '{name} failed: {error}' },
  certificate: { ended: 'expired' },
  uptime: { day: '{day}: {share}', none: 'no data', nothing: 'Last {n} day: no data | Last {n} days: no data', mean: 'Last {n} day: {share} up | Last {n} days: {share} up', troubled: '{n} day with failures | {n} days with failures' },
  expects: { title: 'Expects', status: 'status {status}', text: 'the text “{text}”', record: 'the address {record}' },
  rules: {
    when: 'Alerts when', none: 'never: no policy covers it', change: 'Add own policy',
    builtIn: { up: 'Critical after {n} failure | Critical after {n} failures in a row', ms: '', cert_days: 'Warning 14 days before the certificate ends, critical 3 days before', check_in: 'Critical if the job does not report in time, or reports a failure' },
  },
  delete: { title: 'Delete {name}?', text: 'Its results, alerts, policies and silences are deleted with it. This cannot be undone.' },
  form: {
    name: 'Name', nameHint: 'For example: shop', kind: 'Kind', private: 'Addresses that are not public need MONITOR_ALLOWED_DESTINATIONS.',
    about: { http: 'Requests a page and looks at its status, and at its certificate with https. Redirects are not followed.', tcp: 'Opens a connection to a port.', ping: 'Sends an ICMP echo request and waits for the reply.', dns: 'Looks up a name.', tls: 'Opens a TLS connection and looks at the certificate.' },
    target: { http: 'URL', tcp: 'Host and port', ping: 'Host', dns: 'Domain name', tls: 'Host and port' },
    example: { http: 'https://shop.example/health', tcp: 'db-1.example:5432', ping: 'router-1.example', dns: 'shop.example@192.0.2.53:53', tls: 'imap.example:993' },
    targetHint: { http: 'Begins with http:// or https://.', tcp: 'A name or address, a colon and the port. IPv6 addresses are in brackets.', ping: 'A name or address, without a port.', dns: "A name alone asks the system’s resolver. name@server or name@server:port asks that one.", tls: 'A name or address, a colon and the port. IPv6 addresses are in brackets.' },
    wrong: { http: 'Enter a URL such as https://shop.example/', tcp: 'Enter host:port, such as db-1.example:5432', ping: 'Enter a host name or address without a port', dns: "Enter a name, or name@server:port", tls: 'Enter host:port, such as imap.example:993' },
    problem: { needed: 'Enter something here', interval: 'From 10 seconds to one day', timeout: 'From 1 to 60 seconds', timeoutTooLong: 'Must be shorter than the interval', attempts: 'From 1 to 10', status: 'A number from 100 to 599' },
    status: 'Expected status', statusAny: 'any below 400', text: 'Expected text', anything: 'anything', record: 'Expected address', recordHint: 'One of the answers (A or AAAA) must equal it. Leave empty to accept any answer.',
    interval: 'Interval', timeout: 'Timeout', attempts: 'Failures in a row', attemptsHint: 'After so many the check is down, and one success brings it back.', server: 'Server', serverHint: 'People who see this server see the check, and are notified of its alerts. Without a server, administrators are.',
  },
}

export default checks
