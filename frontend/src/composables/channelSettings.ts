import type { ChannelKind } from '@/api/types'
import type { Locale } from '@/locales'

type Settings = Record<string, string>

/** The settings of all kinds, of which each kind uses its own. Secrets are masked by the server: their fields start
 * empty, and leaving them empty keeps the secret. */
export function initialSettings(shown: Settings = {}, kinds: ChannelKind[], locale: Locale): Settings {
  const initial = ({ name, input }: ChannelKind['settings'][number]): string => {
    const value = shown[name] ?? (input === 'language' ? locale : '')
    return isMasked(value) ? '' : value
  }
  return Object.fromEntries(
    kinds.flatMap(({ settings }) => settings).map((setting) => [setting.name, initial(setting)]),
  )
}

export function isMasked(text: string | undefined): boolean {
  return text !== undefined && /\*{3}/.test(text)
}

/** The typed settings of this kind. An empty text removes a setting that is *shown* already, but keeps a masked one. */
export function settingsOf(
  typed: { settings: Settings },
  kind: ChannelKind | undefined,
  shown: Settings = {},
): Settings {
  const entries = (kind?.settings ?? []).map(({ name }) => [name, typed.settings[name]?.trim() ?? ''] as const)
  return Object.fromEntries(
    entries.filter(([name, value]) => value !== '' || (shown[name] !== undefined && !isMasked(shown[name]))),
  )
}

/** Where a channel or a way leads: its required settings as shown. */
export function destinationOf(to: { settings: Settings }, kind: ChannelKind | undefined): string {
  const required = kind?.settings.filter((setting) => setting.required) ?? []
  return required.map(({ name }) => to.settings[name] ?? '').join(' ')
}
