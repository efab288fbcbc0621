import type { Settings, SettingsChange } from '@/api/types'
import { keyOf, targetOf } from '@/composables/targetKeys'

export const SECONDS = ['offline_after', 'reminder_after', 'digest_wait'] as const
export const RETENTION = ['raw_days', 'chunk_days', 'ten_minute_days', 'hour_days', 'audit_days'] as const

export const FACTORS = ['optional', 'admins', 'everyone'] as const

/** Seconds after which an acknowledgement expires, unless administrators choose another time. */
export const USUAL_ACK = 14_400

export type Values = Record<(typeof SECONDS)[number] | (typeof RETENTION)[number], number> &
  Pick<Settings, 'second_factor' | 'prometheus_metrics' | 'default_locale' | 'ack_expires'> & {
    /** As `keyOf` writes them. */
    last_resort: string[]
  }

export function valuesOf(settings: Settings | undefined): Values {
  const { retention, last_resort, ...others } = settings ?? {
    second_factor: 'optional' as const,
    prometheus_metrics: [],
    default_locale: 'zh-CN' as const,
    offline_after: 90,
    reminder_after: 14_400,
    digest_wait: 10,
    ack_expires: USUAL_ACK,
    last_resort: [],
    retention: { raw_days: 2, chunk_days: 400, ten_minute_days: 90, hour_days: 1_825, audit_days: 400 },
  }
  return { ...others, ...retention, last_resort: last_resort.map(keyOf) }
}

/** Only the changed settings: others stay as configured. */
export function changesOf(values: Values, settings: Settings): SettingsChange {
  const seconds = SECONDS.filter((name) => values[name] !== settings[name])
  const retention = RETENTION.filter((name) => values[name] !== settings.retention[name])
  return {
    ...Object.fromEntries(seconds.map((name) => [name, values[name]])),
    ...(values.second_factor !== settings.second_factor ? { second_factor: values.second_factor } : {}),
    ...(values.default_locale !== settings.default_locale ? { default_locale: values.default_locale } : {}),
    ...(values.ack_expires !== settings.ack_expires ? { ack_expires: values.ack_expires } : {}),
    ...(sorted(values.last_resort) !== sorted(settings.last_resort.map(keyOf))
      ? { last_resort: values.last_resort.map(targetOf) }
      : {}),
    ...(sorted(values.prometheus_metrics) !== sorted(settings.prometheus_metrics)
      ? { prometheus_metrics: values.prometheus_metrics }
      : {}),
    ...(retention.length > 0 ? { retention: Object.fromEntries(retention.map((name) => [name, values[name]])) } : {}),
  }
}

/** Names as they are typed or pasted, one by one or many with spaces or commas between them; each once. */
export function namesIn(entries: readonly string[]): string[] {
  return [...new Set(entries.flatMap((entry) => entry.split(/[\s,;]+/)).filter(Boolean))]
}

function sorted(names: readonly string[]): string {
  return [...names].sort().join()
}

/** True if saving deletes data. */
export function shortened(values: Values, settings: Settings): boolean {
  return RETENTION.some((name) => values[name] < settings.retention[name])
}
