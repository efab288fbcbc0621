import type { Check, CheckKind, NewCheck } from '@/api/checks'
import type { Dependency } from '@/api/incidents'
import { toSent } from '@/composables/dependencies'

export const KINDS: CheckKind[] = ['http', 'tcp', 'ping', 'dns', 'tls']
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const FOLLOWED = 5
/** In place of a secret value that is stored: it stays. */
const HIDDEN = '••••••'

export interface CheckValues {
  name: string
  kind: CheckKind
  target: string
  /** Seconds. */
  interval: number
  timeout: number
  attempts: number
  server_id: number | null
  depends_on: Dependency[]
  /** As typed; empty for none. */
  statuses: string
  text: string
  pattern: string
  json_path: string
  json_value: string
  record: string
  method: string
  /** A line "Name: value" each. */
  headers: string
  secrets: string
  body: string
  follows: boolean
  /** How many, if it follows them. */
  redirects: number
  ca: string
}

/** The values of a form: those of *check*, or of a new one. */
export function valuesOf(check?: Check): CheckValues {
  const { status, statuses, text, pattern, json_path, json_value, record } = check?.expect ?? {}
  const request = check?.request
  return {
    name: check?.name ?? '',
    kind: check?.kind ?? 'http',
    target: check?.target ?? '',
    interval: check?.interval ?? 60,
    timeout: check?.timeout ?? 10,
    attempts: check?.attempts ?? 2,
    server_id: check?.server_id ?? null,
    depends_on: [...(check?.depends_on ?? [])],
    statuses: statuses ?? status?.toString() ?? '',
    text: text ?? '',
    pattern: pattern ?? '',
    json_path: json_path ?? '',
    json_value: json_value ?? '',
    record: record ?? '',
    method: request?.method ?? 'GET',
    headers: linesOf(request, false),
    secrets: linesOf(request, true),
    body: request?.body ?? '',
    follows: (request?.redirects ?? 0) > 0,
    redirects: request?.redirects || FOLLOWED,
    ca: request?.ca ?? '',
  }
}

const linesOf = (request: Check['request'] | undefined, isSecret: boolean) =>
  (request?.headers ?? [])
    .filter(({ secret }) => secret === isSecret)
    .map(({ name, value }) => `${name}: ${isSecret ? HIDDEN : value}`)
    .join('\n')

const headersOf = (lines: string, secret: boolean) =>
  lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...rest] = line.split(':')
      const value = rest.join(':').trim()
      return { name: name.trim(), value: value === HIDDEN ? null : value, secret }
    })

/** Whether it asks or expects more than most checks do. */
export const hasOptions = (values: CheckValues) =>
  [values.pattern, values.json_path, values.body, values.ca, values.headers, values.secrets].some(Boolean) ||
  values.method !== 'GET' ||
  values.follows

const given = (text: string) => (text.trim() === '' ? null : text)

function expectOf(values: CheckValues): NonNullable<NewCheck['expect']> {
  if (values.kind === 'dns') return { record: values.record.trim() || null }
  if (values.kind !== 'http') return {}
  const statuses = values.statuses.trim()
  const isOne = /^\d{1,4}$/.test(statuses)
  const json_path = given(values.json_path)?.trim() ?? null
  return {
    status: isOne ? Number(statuses) : null,
    statuses: isOne ? null : statuses || null,
    text: given(values.text),
    pattern: given(values.pattern),
    json_path,
    json_value: given(values.json_value) ?? null,
  }
}

function requestOf(values: CheckValues): NewCheck['request'] {
  const ca = given(values.ca)
  if (values.kind === 'tls') return ca === null ? null : { method: 'GET', headers: [], redirects: 0, ca }
  if (values.kind !== 'http' || !hasOptions(values)) return null
  return {
    method: values.method,
    headers: [...headersOf(values.headers, false), ...headersOf(values.secrets, true)],
    body: values.body === '' ? null : values.body,
    redirects: values.follows ? values.redirects : 0,
    ca,
  }
}

/** The whole check, as it is sent: what it asks and expects depends on its kind. */
export function toCheck(values: CheckValues): NewCheck {
  const { name, kind, target, interval, timeout, attempts, server_id, depends_on } = values
  const expect = expectOf(values)
  return {
    name: name.trim(),
    kind,
    target: target.trim(),
    interval,
    timeout,
    attempts,
    server_id,
    depends_on: toSent(depends_on),
    expect: Object.values(expect).some((each) => each !== null) ? expect : null,
    request: requestOf(values),
  }
}
