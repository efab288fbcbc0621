import type { Channel, ChannelKind, NewChannel } from '@/api/types'
import type { Locale } from '@/locales'

/** A channel as the form holds it: the settings of all kinds, of which each kind uses its own. */
export interface ChannelValues {
  name: string
  kind: string
  settings: Record<string, string>
  least_level: 'warning' | 'critical'
}

/** What the server shows masked is a secret: the form starts without it, and leaving it empty keeps it. */
export function valuesOf(channel: Channel | undefined, kinds: ChannelKind[], locale: Locale): ChannelValues {
  const initial = ({ name, input }: ChannelKind['settings'][number]): string => {
    const shown = channel?.settings[name] ?? (input === 'language' ? locale : '')
    return isMasked(shown) ? '' : shown
  }
  return {
    name: channel?.name ?? '',
    kind: channel?.kind ?? kinds[0]?.kind ?? '',
    settings: Object.fromEntries(kinds.flatMap(({ settings }) => settings).map((setting) => [setting.name, initial(setting)])),
    least_level: channel?.least_level ?? 'warning',
  }
}

export function isMasked(text: string | undefined): boolean {
  return text !== undefined && /\*{3}/.test(text)
}

/** Only what the kind knows. An empty text removes a setting of an existing channel, but leaves a masked one. */
export function settingsOf(values: ChannelValues, kind: ChannelKind | undefined, shown: Channel['settings'] = {}): NewChannel['settings'] {
  const entries = (kind?.settings ?? []).map(({ name }) => [name, values.settings[name]?.trim() ?? ''] as const)
  return Object.fromEntries(entries.filter(([name, value]) => value !== '' || (shown[name] !== undefined && !isMasked(shown[name]))))
}

/** What says where a channel of this kind goes: its required settings as they are shown. */
export function destinationOf(channel: Channel, kind: ChannelKind | undefined): string {
  const required = kind?.settings.filter((setting) => setting.required) ?? []
  return required.map(({ name }) => channel.settings[name] ?? '').join(' ')
}

/** Another channel of the same kind that goes to the same place; what is masked cannot be compared. */
export function sameDestination(values: ChannelValues, kind: ChannelKind | undefined, others: Channel[]): Channel | undefined {
  const required = kind?.settings.filter((setting) => setting.required) ?? []
  const comparable = (text = '', input: string) => (input === 'email' ? text.trim().toLowerCase() : text.trim())
  const isSame = ({ settings }: Channel) =>
    required.every(({ name, input }) => !isMasked(settings[name]) && comparable(settings[name], input) === comparable(values.settings[name], input))
  if (required.length === 0 || required.some(({ name }) => !values.settings[name]?.trim())) return undefined
  return others.find((other) => other.kind === values.kind && isSame(other))
}
