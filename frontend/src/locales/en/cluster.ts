import type { Messages } from '../zh-CN'

const cluster: Messages['cluster'] = {
  subtitle: 'The processes that serve this installation, and the database that each of them uses.',
  empty: 'No process has reported yet',
  older: 'Older version',
  host: 'Host',
  version: 'Version',
  started: 'Started',
  seen: 'Last seen',
  roles: 'Work',
  store: 'Database',
  history: 'History',
  comma: ', ',
  role: {
    serve: 'Serving',
    alert_maintenance: 'Alert maintenance',
    seal_history: 'Sealing history',
    archive_history: 'Moving history',
  },
  inMemory: 'In memory',
  nodes: '{n} node | {n} nodes',
  cannotWrite: 'Cannot be written to',
  noAnswer: 'Does not answer',
  sealedUntil: 'Sealed until',
  nothingSealed: 'Nothing sealed yet',
}

export default cluster
