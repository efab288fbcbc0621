import { useI18n } from 'vue-i18n'
import type { AuditEntry, Scope } from '@/api/types'
import { useFormat } from '@/composables/format'
import { useScopeNames } from '@/composables/useScopeNames'

type Entry = Pick<AuditEntry, 'action' | 'target' | 'detail'>

const POLICY = /^(.+): warning=(\S+) critical=(\S+) (above|below)(, off)?$/
const ALERT = /^alert (\d+)(, by mail)?$/
const NOTIFICATION = /^notification (\d+)$/
const KEY = /^(\S+…)(?: for (.+))?$/
const HOSTS = /^(\S+) to (\S+)$/
const TIMES = /^(.+?)(?:, (\d+) times)?$/s
const BEFORE = /^before (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$/
const COUNT = /^(\d+) servers$/
const LEFT = /^(\d+) left$/
/** What failed, with how often. */
const REFUSED = /_failed$/
const SIGN_INS = ['password', 'passkey', 'sso', 'link']
const SESSIONS = /^(\d+) sessions$/
const MAIL = /^(\w+): (.*)$/s
const JSON_VALUE = String.raw`(?:"(?:[^"\\]|\\.)*"|\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]|[^\s,[\]"]+)`
const CHANGE = new RegExp(String.raw`^([\w.]+)(?:: (${JSON_VALUE}) -> (${JSON_VALUE})| changed)(?:, |$)`)

/** Keeps the server's escapes, also inside JSON. */
const parsed = (written: string): unknown =>
  JSON.parse(written.replaceAll(/\\(.)/g, (pair, escape) => (escape === 'u' ? '\\\\u' : pair)))

/** Translates entries of the audit log. Unknown ones stay as they are. *kindName* names a kind of channel. */
export function useAuditWords(kindName: (kind: string) => string) {
  const { t, te, tm, rt } = useI18n()
  const format = useFormat()
  const names = useScopeNames()
  const word = (name: string, given: Record<string, unknown> = {}) => t(`accounts.audit.words.${name}`, given)

  function scope(written: string): string {
    const [, kind, rest = ''] = /^(server|tag|everything)(?: (.+))?$/.exec(written) ?? []
    if (kind === undefined || (kind === 'everything') !== (rest === '')) return written
    const given: Scope = kind === 'tag' ? { tag: rest } : kind === 'server' ? { server_id: Number(rest) } : {}
    return format.scope(given, names)
  }

  /** "a=1, b=2", each part by *describe*. Unchanged if one part is unknown. */
  function pairs(written: string, describe: (name: string, value: string) => string | undefined): string {
    const found = written.split(', ').map((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return describe(name, value)
    })
    return found.includes(undefined) ? written : found.join(word('and'))
  }

  function value(name: string, written: string, metric: string): string {
    const found = parsed(written)
    if (found === null || found === '' || (Array.isArray(found) && found.length === 0)) return word('none')
    if (Array.isArray(found)) return found.join(word('and'))
    if (typeof found === 'boolean') return word(found ? 'yes' : 'no')
    if (name === 'warning' || name === 'critical' || name === 'clear_margin') return format.value(metric, Number(found))
    if (typeof found === 'number')
      return name.endsWith('_days')
        ? `${found} ${t('settings.days')}`
        : name === 'port' || name === 'user_id'
          ? String(found)
          : format.duration(found)
    if (name === 'scope') return scope(String(found))
    if (name === 'access' && (found === 'read' || found === 'write')) return word(found)
    if (name === 'token_scope' && te(`accounts.tokens.scopes.${String(found)}`))
      return t(`accounts.tokens.scopes.${String(found)}`)
    if (name === 'second_factor' && te(`settings.factor.${String(found)}`)) return t(`settings.factor.${String(found)}`)
    if (name === 'kind') return kindName(String(found))
    if (name === 'role') return t(`accounts.users.${String(found)}`)
    if (name.endsWith('_level') && te(`common.level.${String(found)}`)) return t(`common.level.${String(found)}`)
    return String(found)
  }

  /** "name: old -> new, …", each value in JSON; one value each for a creation or deletion. Undefined in other formats. */
  function changes(written: string, action: string, metric = ''): string | undefined {
    const isWhole = /\.(create|delete|export|revoke|reset_factors)$/.test(action)
    const parts: string[] = []
    for (let rest = written; rest !== '';) {
      const [whole, name = '', old, now] = CHANGE.exec(rest) ?? []
      if (whole === undefined) return undefined
      const label = [`accounts.audit.fields.${name.replace('settings.', '')}`, `settings.${name}`].find((path) =>
        te(path),
      )
      const given = { name: label === undefined ? name : t(label) }
      if (old === undefined || now === undefined) parts.push(isWhole ? given.name : word('changed', given))
      else if (isWhole)
        parts.push(word('setting', { ...given, value: value(name, old === 'null' ? now : old, metric) }))
      else parts.push(word('change', { ...given, old: value(name, old, metric), now: value(name, now, metric) }))
      rest = rest.slice(whole.length)
    }
    return parts.length ? parts.join(word('and')) : undefined
  }

  function policy(metric: string, written: string): string {
    const [, whose, what] = /^(.+?); (.+)$/.exec(written) ?? []
    const changed = what === undefined ? undefined : changes(what, 'policy.update', metric)
    if (whose !== undefined && changed !== undefined) return [scope(whose), changed].join(word('and'))
    const [, where, warning, critical, direction, off] = POLICY.exec(written) ?? []
    if (where === undefined) return written
    const side = direction === 'below' ? '≤' : '≥'
    const level = (name: string, value?: string) =>
      value === 'None' || value === undefined
        ? []
        : [`${t(`common.level.${name}`)} ${side} ${format.value(metric, Number(value))}`]
    return [
      scope(where),
      ...level('warning', warning),
      ...level('critical', critical),
      ...(off ? [word('off')] : []),
    ].join(word('and'))
  }

  function server(action: string, written: string): string {
    const [, imported = '', rest = ''] = /^(import, )?(.*)$/s.exec(written) ?? []
    const changed = changes(rest, action)
    if (changed !== undefined)
      return [...(imported ? [t('accounts.audit.fields.import')] : []), changed].join(word('and'))
    return pairs(written, (name) =>
      te(`accounts.audit.fields.${name}`) ? t(`accounts.audit.fields.${name}`) : undefined,
    )
  }

  function setting(name: string, value: string): string | undefined {
    if (!te(`settings.${name}`)) return undefined
    const amount = name.endsWith('_days') ? `${value} ${t('settings.days')}` : format.duration(Number(value))
    return word('setting', { name: t(`settings.${name}`), value: amount })
  }

  function user(action: string, written: string): string {
    if (written === 'first') return word('first')
    if (action === 'user.role_kept') return te(`accounts.audit.words.${written}`) ? word(written) : written
    return (
      changes(written, action) ??
      pairs(written, (name, value) =>
        name === 'role' ? word('role', { role: t(`accounts.users.${value}`) }) : undefined,
      )
    )
  }

  function key(written: string): string {
    const [, prefix = written, whose] = KEY.exec(written) ?? []
    return whose === undefined ? prefix : word('key', { prefix, whose: whose === 'fleet' ? word('fleet') : whose })
  }

  /** "reason, 3 times", or one of the two. */
  function refused(written: string): string {
    const alone = /^(\d+) times$/.exec(written)?.[1]
    const [, why = '', times = alone] = alone === undefined ? (TIMES.exec(written) ?? []) : []
    const known: Record<string, string> = {
      others: word('others'),
      'unknown user': word('unknownUser'),
      'wrong password': word('wrongPassword'),
      'wrong code': word('wrongCode'),
      'password log-in disabled': word('noPasswords'),
      passkey: word('passkeyOnly'),
      link: word('linkOnly'),
      quota_reached: word('quota'),
      read_only_token: word('readOnlyToken'),
      not_for_tokens: word('notForTokens'),
      forbidden: '',
      too_many_attempts: '',
    }
    return [known[why] ?? why, times === undefined ? '' : t('accounts.audit.words.times', Number(times))]
      .filter(Boolean)
      .join(word('and'))
  }

  function tested(written: string): string {
    const why = /^not sent: (.*)$/s.exec(written)?.[1]
    return written === 'sent' ? word('sent') : why === undefined ? written : word('notSent', { why })
  }

  const DETAILS: Record<string, (entry: Entry) => string> = {
    access: ({ detail }) => refused(detail),
    account_mail: ({ detail }) =>
      detail.replace(MAIL, (whole, event: string, why: string) =>
        te(`accounts.audit.mails.${event}`)
          ? word('setting', { name: t(`accounts.audit.mails.${event}`), value: why })
          : whole,
      ),
    audit: ({ action, detail }) =>
      action === 'audit.export'
        ? (changes(detail, action) ?? detail)
        : detail.replace(BEFORE, (_, when: string) => word('before', { when: format.dateTime(when) })),
    alert: ({ detail }) => {
      const [, id, byMail] = ALERT.exec(detail) ?? []
      return id === undefined ? detail : word(byMail ? 'alertByMail' : 'alert', { id })
    },
    api_key: ({ detail }) => key(detail),
    channel: ({ action, detail }) =>
      action === 'channel.test' ? tested(detail) : (changes(detail, action) ?? kindName(detail)),
    notification: ({ detail }) => detail.replace(NOTIFICATION, (_, id: string) => word('notification', { id })),
    policy: ({ target, detail }) => policy(target, detail),
    server: ({ action, detail }) => {
      const [, first, last] = HOSTS.exec(detail) ?? []
      return first === undefined ? server(action, detail) : word('hosts', { first, last })
    },
    session: ({ action, detail }) =>
      REFUSED.test(action)
        ? refused(detail)
        : SIGN_INS.includes(detail)
          ? word(detail)
          : detail.replace(SESSIONS, (_, n: string) => t('accounts.audit.words.sessions', Number(n))),
    recovery_code: ({ detail }) => detail.replace(LEFT, (_, n: string) => word('left', { n })),
    team: ({ action, detail }) => changes(detail, action) ?? detail,
    silence: ({ action, detail }) => changes(detail, action) ?? detail,
    settings: ({ action, detail }) => changes(detail, action) ?? pairs(detail, setting),
    token: ({ action, detail }) => changes(detail, action) ?? detail,
    user: ({ action, detail }) => (action === 'user.change_password_failed' ? refused(detail) : user(action, detail)),
  }

  const TARGETS: Record<string, (target: string) => string> = {
    alert: format.metric,
    policy: format.metric,
    server: (target) => target.replace(COUNT, (_, n: string) => t('accounts.audit.words.servers', Number(n))),
    silence: scope,
  }

  const thing = ({ action }: Entry) => action.split('.')[0] ?? ''
  // By object, not by path: the names of actions have dots in them.
  const actions = () => tm('accounts.audit.actions') as Record<string, Parameters<typeof rt>[0]>
  return {
    /** The actions that have words, by the thing that they are done to. */
    known: (): Record<string, { value: string; label: string }[]> => {
      const found: Record<string, { value: string; label: string }[]> = {}
      for (const [action, words] of Object.entries(actions()))
        (found[thing({ action, target: '', detail: '' })] ??= []).push({ value: action, label: rt(words) })
      return found
    },
    action: ({ action }: Pick<Entry, 'action'>): string => {
      const name = actions()[action]
      return name === undefined ? action : rt(name)
    },
    isAnonymous: ({ action }: Pick<Entry, 'action'>): boolean =>
      action === 'session.login_failed' || action === 'session.sso_failed' || action === 'access.limited',
    target: (entry: Entry): string =>
      entry.target === '' ? '' : (TARGETS[thing(entry)]?.(entry.target) ?? entry.target),
    detail: (entry: Entry): string => (entry.detail === '' ? '' : (DETAILS[thing(entry)]?.(entry) ?? entry.detail)),
  }
}
