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

export type Problem = 'needed' | 'interval' | 'timeout' | 'timeoutTooLong' | 'attempts' | 'status'

/** What is wrong with a form, by field. The server has the last word, and alone knows how a target is written. */
export function problemsOf(values: CheckValues): Partial<Record<keyof CheckValues, Problem>> {
  const found: [keyof CheckValues, Problem | false][] = [
    ['name', values.name.trim() === '' && 'needed'],
    ['target', values.target.trim() === '' && 'needed'],
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
