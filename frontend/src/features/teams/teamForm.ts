import type { NewTeam, Team } from '@/api/types'

export type TeamValues = Omit<NewTeam, 'oidc_group' | 'escalation_id'> & {
  oidc_group: string
  escalation_id: number | null
}

/** The values of a form: those of *team*, or of a new one, which reads. */
export function valuesOf(team?: Team): TeamValues {
  return {
    name: team?.name ?? '',
    access: team?.access ?? 'read',
    user_ids: [...(team?.user_ids ?? [])],
    server_ids: [...(team?.server_ids ?? [])],
    tags: [...(team?.tags ?? [])],
    oidc_group: team?.oidc_group ?? '',
    escalation_id: team?.escalation_id ?? null,
  }
}

/** The whole team, as it is sent. */
export function toTeam({ oidc_group, ...values }: TeamValues): NewTeam {
  return { ...values, oidc_group: oidc_group.trim() || null }
}

/** Whether all words of *text* are in the name, a member, a tag or a server of the team. */
export function mentions(team: Team, text: string): boolean {
  const held = [
    team.name,
    ...team.users.map((user) => user.username),
    ...team.tags,
    ...team.servers.map((server) => server.server_name),
  ]
    .join('\n')
    .toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => held.includes(word))
}
