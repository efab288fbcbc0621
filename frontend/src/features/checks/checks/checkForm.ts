import type { Check, CheckKind, NewCheck } from '@/api/checks'

export const KINDS: CheckKind[] = ['http', 'tcp', 'ping', 'dns', 'tls']

export interface CheckValues {
  name: string
  kind: CheckKind
  target: string
  /** Seconds. */
  interval: number
  timeout: number
  attempts: number
  server_id: number | null
  /** As typed; empty for none. */
  status: string
  text: string
  record: string
}

/** The values of a form: those of *check*, or of a new one. */
export function valuesOf(check?: Check): CheckValues {
  const { status, text, record } = check?.expect ?? {}
  return {
    name: check?.name ?? '',
    kind: check?.kind ?? 'http',
    target: check?.target ?? '',
    interval: check?.interval ?? 60,
    timeout: check?.timeout ?? 10,
    attempts: check?.attempts ?? 2,
    server_id: check?.server_id ?? null,
    status: status?.toString() ?? '',
    text: text ?? '',
    record: record ?? '',
  }
}

/** The whole check, as it is sent: what is expected depends on its kind. */
export function toCheck({ status, text, record, ...values }: CheckValues): NewCheck {
  const given = {
    status: status.trim() === '' ? null : Number(status),
    text: text.trim() === '' ? null : text,
    record: record.trim() || null,
  }
  const expect =
    values.kind === 'http'
      ? { status: given.status, text: given.text }
      : values.kind === 'dns'
        ? { record: given.record }
        : {}
  return {
    ...values,
    name: values.name.trim(),
    target: values.target.trim(),
    expect: Object.values(expect).some((each) => each !== null) ? expect : null,
  }
}

const PORT = String.raw`:([1-9]\d{0,4})`
const HOST = String.raw`(\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+)`
const FORMS: Record<CheckKind, RegExp> = {
  http: /^https?:\/\/[^\s/]+(\/\S*)?(\?\S*)?$/i,
  tcp: new RegExp(`^${HOST}${PORT}$`),
  tls: new RegExp(`^${HOST}${PORT}$`),
  ping: /^([^\s:/@[\]]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/,
  dns: new RegExp(`^[^\\s:/@[\\]]+(@${HOST}(${PORT})?)?$`),
}

export type Problem = 'needed' | 'target' | 'interval' | 'timeout' | 'timeoutTooLong' | 'attempts' | 'status'

/** What is wrong with a form, by field. The server has the last word. */
export function problemsOf(values: CheckValues): Partial<Record<keyof CheckValues, Problem>> {
  const target = values.target.trim()
  const found: [keyof CheckValues, Problem | false][] = [
    ['name', values.name.trim() === '' && 'needed'],
    ['target', target === '' ? 'needed' : !isTarget(values.kind, target) && 'target'],
    ['interval', !(values.interval >= 10 && values.interval <= 86_400) && 'interval'],
    [
      'timeout',
      !(values.timeout >= 1 && values.timeout <= 60)
        ? 'timeout'
        : values.timeout >= values.interval && 'timeoutTooLong',
    ],
    ['attempts', !(Number.isInteger(values.attempts) && values.attempts >= 1 && values.attempts <= 10) && 'attempts'],
    [
      'status',
      values.kind === 'http' && values.status.trim() !== '' && !/^[1-5]\d\d$/.test(values.status.trim()) && 'status',
    ],
  ]
  return Object.fromEntries(found.filter(([, problem]) => problem !== false))
}

/** Whether *target* has the form of this kind. */
export function isTarget(kind: CheckKind, target: string): boolean {
  const port = FORMS[kind].exec(target)?.at(-1)
  return FORMS[kind].test(target) && !(kind !== 'http' && /^\d+$/.test(port ?? '') && Number(port) > 65_535)
}
