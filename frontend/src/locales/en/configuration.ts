import type { Messages } from '../zh-CN'

const configuration: Messages['configuration'] = {
  subtitle:
    'Policies, silences, teams, channels, rotas, escalations, checks, check-ins and tags as one file, without ids and secrets.',
  download: 'Download',
  file: 'Configuration file',
  hint: 'Paste a changed file, or upload one. The plan changes nothing. A section that is left out stays as it is.',
  upload: 'Upload a file',
  fill: 'Insert the present one',
  days: 'Days to replay',
  plan: 'Plan',
  none: 'No changes',
  changes: '{n} change | {n} changes',
  more: 'Show more ({n} left)',
  counting: 'Replaying the past',
  ends: 'Alerts that end',
  mayEnd: 'may end',
  applied: 'Applied',
  confirmTitle: 'Apply this file?',
  confirm:
    'All of these changes are made, or none. Open alerts of changed policies continue if they still are a breach; the plan lists those that end. Deleted checks lose their history.',
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
