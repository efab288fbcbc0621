import type { Messages } from '../zh-CN'

const teams: Messages['teams'] = {
  subtitle: 'People who see or manage the same servers.',
  add: 'New team',
  edit: 'Edit team {name}',
  name: 'Name',
  access: 'Members may',
  members: 'Members',
  servers: 'Servers',
  tags: 'Tags',
  group: 'Sign-on group',
  escalation: 'Escalation',
  escalationHint: 'Says who is notified of alerts on these servers, and in which order.',
  noEscalation: 'None: all members are notified',
  none: 'none',
  readHint:
    'Members see the servers and are notified of their alerts. They change nothing, and neither acknowledge nor silence alerts.',
  writeHint: 'Members may change the servers as if linked to them.',
  serversHint: 'The team has these servers, and all that carry one of the tags below.',
  tagsHint: 'Servers that get one of these tags later belong to the team as well.',
  groupHint: 'Optional. At each single sign-on, people in this group join the team, and others leave it.',
  addServer: 'Add a server',
  removeServer: 'Remove {name}',
  reaches: '{n} server | {n} servers',
  search: 'Filter by name, member or tag',
  empty: 'No teams yet',
  emptyHint: 'A team shares servers with its members by tag or by name, without a link for each server.',
  delete: 'Delete team',
  deleteText:
    'Deletes the team {name}. Its members lose {n} server that they see through it and are no longer notified of it, unless they are linked to it or another team has it. Servers and history are kept. | Deletes the team {name}. Its members lose {n} servers that they see through it and are no longer notified of them, unless they are linked to them or another team has them. Servers and history are kept.',
}

export default teams
