import type { Channel, NewChannel } from '@/api/types'

export type Kind = Channel['kind']

/** A channel as the form holds it: all settings of all kinds, of which each kind uses its own. */
export interface ChannelValues {
  name: string
  kind: Kind
  address: string
  url: string
  secret: string
  locale: 'zh-CN' | 'en'
  least_level: 'warning' | 'critical'
}

const FIELDS: Record<Kind, ('address' | 'url' | 'secret' | 'locale')[]> = {
  email: ['address', 'locale'],
  webhook: ['url', 'secret'],
  apprise: ['url', 'locale'],
}

export function uses(kind: Kind, field: 'address' | 'url' | 'secret' | 'locale'): boolean {
  return FIELDS[kind].includes(field)
}

/** What the server shows masked is a secret: the form starts without it, and leaving it empty keeps it. */
export function valuesOf(channel: Channel | undefined, locale: 'zh-CN' | 'en'): ChannelValues {
  const settings = channel?.settings ?? {}
  return {
    name: channel?.name ?? '',
    kind: channel?.kind ?? 'email',
    address: settings.address ?? '',
    url: channel?.kind === 'webhook' && !isMasked(settings.url) ? (settings.url ?? '') : '',
    secret: '',
    locale: (settings.locale as 'zh-CN' | 'en' | undefined) ?? locale,
    least_level: channel?.least_level ?? 'warning',
  }
}

export function isMasked(text: string | undefined): boolean {
  return text !== undefined && /\*{3}/.test(text)
}

/** Only what the kind knows, and of an existing channel only what was typed: an empty text would take a setting away. */
export function settingsOf(values: ChannelValues, isNew: boolean): NewChannel['settings'] {
  const entries = FIELDS[values.kind].map((field) => [field, values[field].trim()] as const)
  return Object.fromEntries(isNew ? entries.filter(([name, value]) => value !== '' || name === 'url' || name === 'address') : entries.filter(([, value]) => value !== ''))
}

/** Another channel of the same kind that goes to the same place; what is masked cannot be compared. */
export function sameDestination(values: ChannelValues, others: Channel[]): Channel | undefined {
  const field = values.kind === 'email' ? 'address' : 'url'
  const comparable = (text: string) => (field === 'address' ? text.trim().toLowerCase() : text.trim())
  const wanted = comparable(values[field])
  if (wanted === '') return undefined
  return others.find(({ kind, settings }) => kind === values.kind && !isMasked(settings[field]) && comparable(settings[field] ?? '') === wanted)
}
