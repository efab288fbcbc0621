import { describe, expect, it } from 'vitest'
import type { Team } from '@/api/types'
import { mentions, toTeam, valuesOf } from './teamForm'

const team: Team = {
  id: 7,
  name: 'Web people',
  access: 'write',
  user_ids: [1, 2],
  server_ids: [3],
  tags: ['web', 'shop'],
  oidc_group: 'ops',
  escalation_id: 9,
  created_at: '2026-01-01 00:00:00',
  users: [
    { id: 1, username: 'ann' },
    { id: 2, username: 'Bob' },
  ],
  servers: [{ id: 3, server_name: 'db-3' }],
  reaches: 4,
}

describe('the form of a team', () => {
  it('begins with a team that reads', () =>
    expect(toTeam(valuesOf())).toEqual({
      name: '',
      access: 'read',
      user_ids: [],
      server_ids: [],
      tags: [],
      oidc_group: null,
      escalation_id: null,
    }))

  it('sends the whole team', () => {
    const { name, access, user_ids, server_ids, tags, oidc_group, escalation_id } = team
    expect(toTeam(valuesOf(team))).toEqual({ name, access, user_ids, server_ids, tags, oidc_group, escalation_id })
  })

  it('sends no empty group', () => expect(toTeam({ ...valuesOf(team), oidc_group: '  ' }).oidc_group).toBeNull())

  it('leaves the team as it is until it is sent', () => {
    valuesOf(team).tags.push('new')
    expect(team.tags).toEqual(['web', 'shop'])
  })
})

describe('the filter of teams', () => {
  it.each(['', 'web', 'BOB', 'db-3 ann', 'people shop'])('finds “%s”', (text) =>
    expect(mentions(team, text)).toBe(true),
  )
  it.each(['carol', 'web carol'])('does not find “%s”', (text) => expect(mentions(team, text)).toBe(false))
})
