import type { Channel, ChannelKind } from '@/api/types'
import { initialSettings, isMasked } from '@/composables/channelSettings'
import type { Locale } from '@/locales'
import { knownScope, type ChannelScope } from './channelScope'

/** The form's values: the settings of all kinds, of which each kind uses its own. */
export interface ChannelValues {
  name: string
  kind: string
  settings: Record<string, string>
  least_level: 'warning' | 'critical'
  scope: ChannelScope
}

export function valuesOf(channel: Channel | undefined, kinds: ChannelKind[], locale: Locale): ChannelValues {
  return {
    name: channel?.name ?? '',
    kind: channel?.kind ?? kinds[0]?.kind ?? '',
    settings: initialSettings(channel?.settings, kinds, locale),
    least_level: channel?.least_level ?? 'warning',
    scope: knownScope(channel?.scope),
  }
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
