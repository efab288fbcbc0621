import type { Check, CheckKind, NewCheck } from '@/api/checks'
import type { Dependency } from '@/api/incidents'
import { toSent } from '@/composables/dependencies'

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
  depends_on: Dependency[]
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
    depends_on: [...(check?.depends_on ?? [])],
    status: status?.toString() ?? '',
    text: text ?? '',
    record: record ?? '',
  }
}

/** The whole check, as it is sent: what is expected depends on its kind. */
export function toCheck({ status, text, record, ...values }: CheckValues): NewCheck {
  const given = {
    // What is no number is refused as 0 is.
    status: status.trim() === '' ? null : Math.trunc(Number(status)) || 0,
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
    depends_on: toSent(values.depends_on),
    name: values.name.trim(),
    target: values.target.trim(),
    expect: Object.values(expect).some((each) => each !== null) ? expect : null,
  }
}
