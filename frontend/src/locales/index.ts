import { createI18n } from 'vue-i18n'
import { askIn } from '@/api/http'
import { loadAgain } from '@/composables/loadAgain'
import type { Sentences } from './compiled'
import { compiled } from './compiled'
import type { Messages } from './zh-CN'

export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]

export const LOCALE_NAMES: Record<Locale, string> = { 'zh-CN': '简体中文', en: 'English' }

type Loader = () => Promise<{ default: Sentences }>

type Part = 'start' | 'everyday' | 'administration'

const PARTS: Record<Locale, Record<Part, Loader>> = {
  'zh-CN': {
    start: () => import('./zh-CN/start'),
    everyday: () => import('./zh-CN/everyday'),
    administration: () => import('./zh-CN/administration'),
  },
  en: {
    start: () => import('./en/start'),
    everyday: () => import('./en/everyday'),
    administration: () => import('./en/administration'),
  },
}
/** What is shown so far: the log-in page. */
let wanted: Part[] = ['start']
const loaded = new Set<Loader>()
const texts: Record<Locale, object> = { 'zh-CN': {}, en: {} }

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
  const missing = wanted.map((part) => PARTS[locale][part]).filter((loader) => !loaded.has(loader))
  if (missing.length === 0) return
  const found = await Promise.all(missing.map((loader) => loadAgain(loader)))
  texts[locale] = Object.assign({}, texts[locale], ...found.map((part) => compiled(part.default)))
  i18n.global.setLocaleMessage(locale, texts[locale] as Messages)
  missing.forEach((loader) => loaded.add(loader))
}

/** Adds texts that a part of the screen brings with it, in all languages, once that part is loaded. */
export function addWords(words: Record<Locale, Sentences>): void {
  for (const locale of LOCALES) {
    texts[locale] = { ...texts[locale], ...compiled(words[locale]) }
    i18n.global.setLocaleMessage(locale, texts[locale] as Messages)
  }
}

/** Changes the language of the screen and of the server's answers. Loads this language only. */
export async function showIn(locale: Locale): Promise<void> {
  await load(locale)
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  askIn(locale)
}

/** Loads the texts of pages beyond log-in: those that all have, and once *forAdmins* was given, also the others. */
export async function loadWords(forAdmins: boolean, locale: Locale = i18n.global.locale.value): Promise<void> {
  wanted = forAdmins || wanted.includes('administration') ? ['everyday', 'administration'] : ['everyday']
  await load(locale)
}

export const loadAllWords = () => loadWords(true)
