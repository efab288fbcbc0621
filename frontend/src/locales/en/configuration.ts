import type { Messages } from '../zh-CN'

const configuration: Messages['configuration'] = {
  subtitle:
    'Policies, silences, teams, channels, rotas, escalations, checks, check-ins and tags as one file, without ids and secrets.',
  download: 'Download',
  file: 'Configuration file',
  hint: 'Paste or upload a changed file. Planning changes nothing. Sections that are left out stay as they are.',
  upload: 'Upload a file',
  fill: 'Load current configuration',
  days: 'Days to replay',
  plan: 'Plan',
  none: 'No changes',
  changes: '{n} change | {n} changes',
  more: 'Show more ({n} left)',
  counting: 'Replaying history',
  ends: 'Alerts that end',
  mayEnd: 'may end',
  applied: 'Applied',
  confirmTitle: 'Apply this file?',
  confirm:
    'Either all changes are made or none. Open alerts of changed policies continue while they are still a breach; the plan lists those that end. Deleted checks lose their history.',
  action: { create: 'Create', update: 'Change', rename: 'Rename', delete: 'Delete', missing: 'Does not exist:' },
  kind: {
    check: 'check',
    check_in: 'check-in',
    channel: 'channel',
    rota: 'rota',
    escalation: 'escalation',
    team: 'team',
    policy: 'policy',
    silence: 'silence',
    tags: 'tags of',
    server: 'server',
    user: 'user',
  },
}

export default configuration
