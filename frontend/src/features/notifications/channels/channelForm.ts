import type { Channel, ChannelKind, NewChannel } from '@/api/types'
import type { Locale } from '@/locales'

/** The form's values: the settings of all kinds, of which each kind uses its own. */
export interface ChannelValues {
  name: string
  kind: string
  settings: Record<string, string>
  least_level: 'warning' | 'critical'
}

/** Secrets are masked by the server: the form starts with an empty field, and leaving it empty keeps the secret. */
export function valuesOf(channel: Channel | undefined, kinds: ChannelKind[], locale: Locale): ChannelValues {
  const initial = ({ name, input }: ChannelKind['settings'][number]): string => {
    const shown = channel?.settings[name] ?? (input === 'language' ? locale : '')
    return isMasked(shown) ? '' : shown
  }
  return {
    name: channel?.name ?? '',
    kind: channel?.kind ?? kinds[0]?.kind ?? '',
    settings: Object.fromEntries(
      kinds.flatMap(({ settings }) => settings).map((setting) => [setting.name, initial(setting)]),
    ),
    least_level: channel?.least_level ?? 'warning',
  }
}

export function isMasked(text: string | undefined): boolean {
  return text !== undefined && /\*{3}/.test(text)
}

/** The settings of this kind. An empty text removes a setting of an existing channel, but keeps a masked one. */
export function settingsOf(
  values: ChannelValues,
  kind: ChannelKind | undefined,
  shown: Channel['settings'] = {},
): NewChannel['settings'] {
  const entries = (kind?.settings ?? []).map(({ name }) => [name, values.settings[name]?.trim() ?? ''] as const)
  return Object.fromEntries(
    entries.filter(([name, value]) => value !== '' || (shown[name] !== undefined && !isMasked(shown[name]))),
  )
}

/** The destination of a channel: its required settings as shown. */
export function destinationOf(channel: Channel, kind: ChannelKind | undefined): string {
  const required = kind?.settings.filter((setting) => setting.required) ?? []
  return required.map(({ name }) => channel.settings[name] ?? '').join(' ')
}

/** Another channel of the same kind with the same destination. Masked ones cannot be compared. */
export function sameDestination(
  values: ChannelValues,
  kind: ChannelKind | undefined,
  others: Channel[],
): Channel | undefined {
  const required = kind?.settings.filter((setting) => setting.required) ?? []
  const comparable = (text = '', input: string) => (input === 'email' ? text.trim().toLowerCase() : text.trim())
  const isSame = ({ settings }: Channel) =>
    required.every(
      ({ name, input }) =>
        !isMasked(settings[name]) && comparable(settings[name], input) === comparable(values.settings[name], input),
    )
  if (required.length === 0 || required.some(({ name }) => !values.settings[name]?.trim())) return undefined
  return others.find((other) => other.kind === values.kind && isSame(other))
}
