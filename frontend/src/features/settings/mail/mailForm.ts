import type { MailChange, MailSettings } from '@/api/types'

export const SECURITIES = ['starttls', 'tls', 'none'] as const
const TEXTS = ['host', 'username', 'sender', 'base_url'] as const
const PORTS = { starttls: 587, tls: 465, none: 25 }

export type Security = (typeof SECURITIES)[number]
/** An empty *password* keeps the stored one. */
export type Values = Record<(typeof TEXTS)[number] | 'password', string> & { port?: number; security: Security }

export const usualPort = ({ security }: Values): number => PORTS[security]

export function valuesOf(mail: MailSettings | undefined): Values {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, mail?.[name] ?? '']))
  return {
    ...(texts as Record<(typeof TEXTS)[number], string>),
    port: mail?.port ?? undefined,
    security: (mail?.security ?? 'starttls') as Security,
    password: '',
  }
}

/** Only what was changed. */
export function changesOf(values: Values, mail: MailSettings | undefined): MailChange {
  const before = valuesOf(mail)
  const texts = TEXTS.filter((name) => values[name].trim() !== before[name])
  return {
    ...Object.fromEntries(texts.map((name) => [name, values[name].trim() || null])),
    ...(values.port !== before.port ? { port: values.port ?? null } : {}),
    ...(values.security !== before.security ? { security: values.security } : {}),
    ...(values.password ? { password: values.password } : {}),
  }
}
