import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import * as servers from '@/api/servers'
import { i18n, showIn } from '@/locales'
import { spaced } from '@/testing/spaced'
import { useAuditWords } from './useAuditWords'

function words(): ReturnType<typeof useAuditWords> {
  let held: ReturnType<typeof useAuditWords> | undefined
  mount(
    {
      setup: () => {
        held = useAuditWords((kind) => (kind === 'apprise' ? 'Chat (Apprise)' : kind))
        return () => null
      },
    },
    { global: { plugins: [i18n] } },
  )
  return held!
}

beforeEach(() => {
  vi.spyOn(servers, 'listNames').mockResolvedValue([])
  setActivePinia(createPinia())
})

test('an action is shown in words, and one of a later version by its name', () => {
  expect(words().action({ action: 'server.link_users' })).toBe('Linked users to a server')
  expect(words().action({ action: 'server.paint' })).toBe('server.paint')
})

test('known actions are offered by the thing that they are done to', () => {
  const known = words().known()
  expect(known.team?.map(({ value }) => value)).toEqual(['team.create', 'team.update', 'team.delete'])
  expect(known.audit).toContainEqual({ value: 'audit.export', label: 'Exported the audit log' })
  expect(Object.keys(known).filter((thing) => !i18n.global.te(`accounts.audit.things.${thing}`))).toEqual([])
})

describe('the details of an audit entry', () => {
  test.each([
    [
      'policy.update',
      'cpu',
      'everything: warning=70.0 critical=85.5 above',
      'All servers, Warning ≥ 70 %, Critical ≥ 85.5 %',
    ],
    ['policy.create', 'load1', 'tag web: warning=None critical=2 below, off', 'Tag web, Critical ≤ 2, disabled'],
    ['server.update', 'db-1', 'name, ip_address, user_ids', 'name, address, linked users'],
    ['server.update', 'db-1', 'import, tags', 'imported, tags'],
    [
      'server.update',
      'db-1',
      'name: "db, \\"1\\" -> x" -> "db-2", port: 22 -> 2222, tags: [] -> ["a]", "b"], user_ids: ["ann"] -> []',
      'name: db, "1" -> x → db-2, port: 22 → 2222, tags: none → a], b, linked users: ann → none',
    ],
    ['server.update', 'db-1', 'import, name: "a" -> "b"', 'imported, name: a → b'],
    ['server.create', 'db-1', 'import, ip_address: null -> "10.0.0.1"', 'imported, address: 10.0.0.1'],
    ['server.add_tags', 'db-1', 'tags: ["a"] -> ["a", "b"]', 'tags: a → a, b'],
    [
      'policy.update',
      'cpu',
      'tag web; warning: 70 -> 75.5, critical: null -> 90, clear_for: 60 -> 5, enabled: true -> false',
      'Tag web, warning: 70 % → 75.5 %, critical: none → 90 %, resolved after: 1 min → 5 s, enabled: yes → no',
    ],
    [
      'user.update',
      'ann',
      'role: "user" -> "admin", email: null -> "a@example.com", alert_level: "warning" -> "critical"',
      'role: User → Administrator, e-mail: none → a@example.com, notify from: Warning → Critical',
    ],
    ['user.update_profile', 'ann', 'locale: "en" -> "zh-CN"', 'language: en → zh-CN'],
    [
      'channel.update',
      'team',
      'settings.url changed, settings.address: "a@example.com" -> "b@example.com", enabled: true -> false',
      'address changed, address: a@example.com → b@example.com, enabled: yes → no',
    ],
    [
      'settings.update',
      '',
      'digest_wait: 10 -> 90, raw_days: 2 -> 3',
      'Group notifications for: 10 s → 1 min 30 s, Raw samples: 2 days → 3 days',
    ],
    ['settings.update', '', 'what: [unfinished', 'what: [unfinished'],
    ['server.create', 'db-1', '10.0.0.1', '10.0.0.1'],
    ['server.simulate', '20 servers', 'fra-web-01 to sha-db-02', 'fra-web-01 to sha-db-02'],
    ['user.update', 'ann', 'role=admin', 'role: Administrator'],
    ['user.create', 'admin', 'first', 'the first administrator'],
    ['settings.update', '', 'offline_after=90, raw_days=2', 'Report timeout: 1 min 30 s, Raw samples: 2 days'],
    ['api_key.create', 'k', 'mf_ab12… for fleet', 'mf_ab12… for the fleet'],
    ['api_key.create', 'k', 'mk_ab12… for db-1', 'mk_ab12… for db-1'],
    ['api_key.revoke', 'k', 'mk_ab12…', 'mk_ab12…'],
    ['channel.create', 'team', 'apprise', 'Chat (Apprise)'],
    ['alert.acknowledge', 'cpu', 'alert 7, by mail', 'Alert 7, through an e-mail link'],
    ['notification.retry', 'db-1', 'notification 3', 'Notification 3'],
    ['silence.create', 'tag web', 'a new disk', 'a new disk'],
    ['silence.create', 'tag web', 'metric: null -> "cpu", reason: null -> "disk"', 'metric: cpu, reason: disk'],
    ['server.create', 'db-1', 'ip_address: null -> "10.0.0.1", port: null -> 22', 'address: 10.0.0.1, port: 22'],
    ['channel.create', 'team', 'kind: null -> "apprise", settings.url changed', 'type: Chat (Apprise), address'],
    ['channel.test', 'team', 'sent', 'sent'],
    ['channel.test', 'team', 'not sent: timed out', 'not sent: timed out'],
    ['access.refused', 'GET /api/users', 'forbidden', ''],
    ['access.refused', 'POST /api/servers', 'quota_reached, 2 times', 'limit reached, 2 times'],
    ['access.refused', 'DELETE /api/servers/{server_id}', 'read_only_token', 'the token is read only'],
    ['user.delete', 'ann', 'role: "user" -> null', 'role: User'],
    [
      'token.create',
      'backup',
      'token: null -> "mon_ab12…", token_scope: null -> "write", expires_at: null -> "2030-01-02 12:00:00"',
      'token: mon_ab12…, scope: Read and write, expires: 2030-01-02 12:00:00',
    ],
    [
      'token.revoke',
      'backup',
      'token: "mon_ab12…" -> null, token_scope: "read" -> null',
      'token: mon_ab12…, scope: Read only',
    ],
    ['access.limited', 'POST /api/auth/login', 'too_many_attempts, 1200 times', '1,200 times'],
    ['session.login_failed', '', 'unknown user, 3 times', 'unknown user name, 3 times'],
    ['session.login_failed', 'ann', '3 times', '3 times'],
    ['session.login_failed', 'ann', '', ''],
    ['session.login_failed', '', 'passkey, 2 times', 'passkey, 2 times'],
    ['passkey.add', 'ann', 'my laptop', 'my laptop'],
    ['session.login_failed', 'ann', 'wrong code, 3 times', 'wrong code, 3 times'],
    ['session.login_failed', '', 'password log-in disabled, 3 times', 'single sign-on only, 3 times'],
    ['session.login_failed', '', 'link', 'log-in link'],
    ['user.role_kept', 'ann', 'last_admin', 'the last administrator'],
    ['user.role_kept', 'ann', 'what a later version says', 'what a later version says'],
    [
      'user.reset_factors',
      'ann',
      'authenticator: true -> null, passkeys: "1" -> null',
      'authenticator app: yes, passkeys: 1',
    ],
    ['user.teams', 'ann', 'teams: [] -> ["europe"]', 'teams: none → europe'],
    [
      'settings.update',
      '',
      'second_factor: "optional" -> "admins"',
      'Second factor required for: no one → administrators',
    ],
    ['user.change_password_failed', 'ann', '2 times', '2 times'],
    ['session.end_all', 'ann', '3 sessions', '3 sessions'],
    ['session.end_others', 'ann', '1 sessions', '1 session'],
    ['session.login', 'ann', 'passkey', 'with a passkey'],
    ['session.login', 'ann', 'of a later version', 'of a later version'],
    ['session.reauthenticate_failed', 'ann', '2 times', '2 times'],
    ['recovery_code.use', 'ann', '7 left', '7 left'],
    [
      'team.update',
      'ops',
      'access: "read" -> "write", tags: [] -> ["web"]',
      'access: read → read and write, tags: none → web',
    ],
    ['account_mail.give_up', 'ann', 'email_changed: 550 no such mailbox', 'e-mail changed: 550 no such mailbox'],
    ['account_mail.give_up', 'ann', 'later_event: 550', 'later_event: 550'],
    [
      'audit.export',
      '',
      'format: null -> "csv", user_id: null -> 7, username: null -> "ann"',
      'format: csv, user: 7, user: ann',
    ],
    ['audit.prune', '', 'before 2026-01-02 03:04:05', expect.stringMatching(/^before .*2026/) as string],
    ['server.update', 'x', 'name: "a\\u202eb" -> "c\\\\u202ed"', 'name: a\\u202eb → c\\u202ed'],
    ['settings.update', '', 'of_a_later_version=1', 'of_a_later_version=1'],
    ['policy.create', 'cpu', 'what a later version says', 'what a later version says'],
  ])('of %s on "%s": %s', (action, target, detail, shown) => {
    expect(spaced(words().detail({ action, target, detail }))).toEqual(shown)
  })

  test.each([
    ['silence.delete', 'server 4', 'Server #4'],
    ['silence.create', 'everything', 'All servers'],
    ['silence.create', 'db-1', 'db-1'],
    ['policy.delete', 'disk:/var', 'Disk /var'],
    ['server.simulate', '20 servers', '20 servers'],
    ['session.login', 'server 4', 'server 4'],
  ])('of %s: what "%s" is called', (action, target, shown) => {
    expect(words().target({ action, target, detail: '' })).toBe(shown)
  })

  test('is in the reader’s language', async () => {
    await showIn('zh-CN')
    expect(
      words().detail({
        action: 'policy.update',
        target: 'cpu',
        detail: 'everything: warning=70 critical=None above, off',
      }),
    ).toMatch(/警告 ≥ 70\s%，已停用$/)
    await showIn('en')
  })
})
