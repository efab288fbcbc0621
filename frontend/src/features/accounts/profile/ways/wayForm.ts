import type { ChannelKind, Level } from '@/api/types'
import type { Way } from '@/api/ways'
import { initialSettings, isMasked, settingsOf } from '@/composables/channelSettings'
import type { Locale } from '@/locales'

export const MAIL = 'mail'
export const WEB_PUSH = 'web_push'

const NEW = { id: 0, confirmed_at: null, readable: true, failed: '' }

/** The form's values: the settings of all kinds, of which each kind uses its own. *after*: seconds. */
export interface WayValues {
  kind: string
  settings: Record<string, string>
  level: Level
  after: number
}

export function valuesOf(way: Way | undefined, kinds: ChannelKind[], offered: string[], locale: Locale): WayValues {
  return {
    kind: way?.kind ?? offered[0] ?? '',
    settings: initialSettings(way?.settings, kinds, locale),
    level: way?.level ?? 'warning',
    after: way?.after ?? 0,
  }
}

/** The list with the typed way in place of *way*, or at the end. Secrets that were not typed stay masked. */
export function withTyped(ways: Way[], way: Way | undefined, values: WayValues, kind?: ChannelKind): Way[] {
  const kept = Object.entries(way?.settings ?? {}).filter(([, value]) => isMasked(value))
  const settings = { ...Object.fromEntries(kept), ...settingsOf(values, kind, way?.settings) }
  const typed = { ...(way ?? NEW), kind: values.kind, settings, level: values.level, after: values.after }
  return way === undefined ? [...ways, typed] : ways.map((each) => (each.id === way.id ? typed : each))
}
