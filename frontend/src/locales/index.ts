import { createI18n } from 'vue-i18n'
import { askIn } from '@/api/http'
import type { Messages } from './zh-CN'

export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]

export const LOCALE_NAMES: Record<Locale, string> = { 'zh-CN': '简体中文', en: 'English' }

const LOADERS: Record<Locale, () => Promise<{ default: Messages }>> = {
  'zh-CN': () => import('./zh-CN'),
  en: () => import('./en'),
}

export const i18n = createI18n<[Messages], Locale, false>({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: false as unknown as Locale,
  messages: {} as Record<Locale, Messages>,
})

/** The browser's language where we speak it; else Chinese, the product's first. */
export function defaultLocale(): Locale {
  const wanted = typeof navigator === 'undefined' ? '' : navigator.language
  return /^en\b/i.test(wanted) ? 'en' : 'zh-CN'
}

/** Show everything in this language, and ask the server to answer in it. Loads only the language shown. */
export async function showIn(locale: Locale): Promise<void> {
  if (!i18n.global.availableLocales.includes(locale)) {
    i18n.global.setLocaleMessage(locale, (await LOADERS[locale]()).default)
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  askIn(locale)
}
