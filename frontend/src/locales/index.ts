import { createI18n } from 'vue-i18n'
import { askIn } from '@/api/http'
import type { Sentences } from './compiled'
import { compiled } from './compiled'
import type { Messages } from './zh-CN'

export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]

export const LOCALE_NAMES: Record<Locale, string> = { 'zh-CN': '简体中文', en: 'English' }

type Loader = () => Promise<{ default: Sentences }>

const STARTS: Record<Locale, Loader> = { 'zh-CN': () => import('./zh-CN/start'), en: () => import('./en/start') }
const ALL: Record<Locale, Loader> = { 'zh-CN': () => import('./zh-CN'), en: () => import('./en') }
let loaders = STARTS
const loaded = new Set<Loader>()

export const i18n = createI18n<[Messages], Locale, false>({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: false as unknown as Locale,
  messages: {} as Record<Locale, Messages>,
})

/** The browser's language if supported, else Chinese. */
export function defaultLocale(): Locale {
  const wanted = typeof navigator === 'undefined' ? '' : navigator.language
  return /^en\b/i.test(wanted) ? 'en' : 'zh-CN'
}

async function load(locale: Locale): Promise<void> {
  const loader = loaders[locale]
  if (loaded.has(loader)) return
  i18n.global.setLocaleMessage(locale, compiled((await loader()).default) as unknown as Messages)
  loaded.add(loader)
}

/** Changes the language of the screen and of the server's answers. Loads this language only. */
export async function showIn(locale: Locale): Promise<void> {
  await load(locale)
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  askIn(locale)
}

/** Loads the texts of all pages. Before this, only those of the log-in page are loaded. */
export async function loadAllWords(): Promise<void> {
  loaders = ALL
  await load(i18n.global.locale.value)
}
