import { describe, expect, it } from 'vitest'
import type { Sentences } from './compiled'
import { KIND_WORDS } from '@/components/policy-kinds/known'
import { COMPARE_WORDS } from './compare'
import { ONCALL_WORDS } from './oncall'
import { INCIDENT_WORDS } from './incidents'
import { FLEET_WORDS } from './fleet'
import { PAGING_WORDS } from './paging'
import { PALETTE_WORDS } from './palette'
import { FORECAST_WORDS } from './forecasts'
import en from './en'
import zh from './zh-CN'

/** Words that are not used, and what to write instead. */
const RETIRED: [RegExp, string][] = [
  [/\b(un)?told\b|\bhear of\b/i, 'notified'],
  [/\bwhoever\b|\bnobody\b|\b(any|some)body\b/i, 'say who'],
  [/\bstands?\b(?! by)|\bas ever\b|\bat hand\b|\bmeanwhile\b/i, 'say it plainly'],
  [/\bmend\b/i, 'correct'],
  [/\bkin\b|\bbesides\b/i, 'related'],
  [/(?<!e-|team )\b(mailed|mails?|mailbox)\b(?! server)/i, 'e-mail'],
  [/\bswitched (on|off)\b/i, 'enabled, disabled'],
  [/\b(un)?watched\b/i, 'monitored'],
  [/\bis over\b/i, 'ended, resolved'],
  [/\bacts?\b/i, 'active'],
  [/\bcalm\b/i, 'stable'],
  [/\bbeyond\b(?! the (warning )?threshold)/i, 'past'],
  [/\bsummaries\b/i, 'rollups'],
  [/\bparked\b|\bgiven up\b/i, 'failed, not sent'],
  [/\blook at\b|\ball is well\b|\bset up\b(?! a)/i, 'view, configured'],
  [/\bat once\b|\ball the same\b|\bgo on\b/i, 'immediately, anyway, continue'],
  [/\bcan’t be\b/i, 'cannot be'],
  [/\bin all\b/i, 'in total'],
]
const PROPER = /\b(Monday|Friday|Python|Enter|Apprise|Chinese|English|Unregistered|Send|Prometheus)\b/

function flat(sentences: Sentences, path = ''): [string, string][] {
  return Object.entries(sentences).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[`${path}${key}`, value]] : flat(value, `${path}${key}.`),
  )
}

const wordsOf = (words: unknown, locale: 'en' | 'zh-CN') =>
  flat({
    ...(words as Sentences),
    ...KIND_WORDS[locale],
    ...ONCALL_WORDS[locale],
    ...PAGING_WORDS[locale],
    ...INCIDENT_WORDS[locale],
    ...PALETTE_WORDS[locale],
    ...FORECAST_WORDS[locale],
    ...COMPARE_WORDS[locale],
    ...FLEET_WORDS[locale],
  })
const ENGLISH = wordsOf(en, 'en')
const CHINESE = new Map(wordsOf(zh, 'zh-CN'))
const names = (sentence: string) => [...new Set([...sentence.matchAll(/\{(\w+)\}/g)].map(([name]) => name))].sort()
const inCode = ([file]: [string, string]) => !/\.spec\.ts$|\/locales\//.test(file)
const sources = Object.entries(
  import.meta.glob('/src/**/*.{vue,ts}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>,
)

describe('the English words', () => {
  it('are those of the field', () => {
    const found = ENGLISH.flatMap(([key, said]) =>
      RETIRED.filter(([word]) => word.test(said.replace(/\{\w+\}/g, ''))).map(
        ([, better]) => `${key}: “${said}”: ${better}`,
      ),
    )
    expect(found).toEqual([])
  })

  it('use no syntax that they are not compiled with', () => {
    expect([...ENGLISH, ...CHINESE].filter(([, said]) => /\{\W|@:/.test(said))).toEqual([])
  })

  it('have a singular and a plural wherever something is counted', () => {
    const counted = /\{(?:n|count|total)\} [a-z]+s\b/
    const lone = ENGLISH.filter(([, said]) => counted.test(said) && !said.includes(' | '))
    expect(lone).toEqual([])
  })

  it('speak of one as of one', () => {
    const pairs = ENGLISH.map(([key, said]) => [key, said.split(' | ').at(-2) ?? ''] as const)
    expect(pairs.filter(([, one]) => /\{n\} (?!is\b|was\b)[a-z]+[^s\W]s\b/.test(one))).toEqual([])
  })

  it('have capitals at the start of sentences only', () => {
    const titled = ENGLISH.filter(([, said]) =>
      (said.match(/[a-z,] [A-Z][a-z]+/g) ?? []).some((found) => !PROPER.test(found)),
    )
    expect(titled).toEqual([])
  })

  it('keep a space between a number and its unit', () =>
    expect(ENGLISH.filter(([, said]) => /\}(%|ms|min|h|d)\b|\}%/.test(said))).toEqual([]))
})

describe('both languages', () => {
  it('say the same things', () => expect(ENGLISH.map(([key]) => key).filter((key) => !CHINESE.has(key))).toEqual([]))

  it('fill in the same values', () => {
    const differing = ENGLISH.filter(([key, said]) => names(said).join() !== names(CHINESE.get(key) ?? '').join())
    expect(differing.map(([key, said]) => `${key}: ${said} / ${CHINESE.get(key)}`)).toEqual([])
  })

  it('have every sentence that the screen asks for', () => {
    const known = new Set(ENGLISH.map(([key]) => key))
    const asked = sources
      .filter(inCode)
      .flatMap(([file, text]) => [...text.matchAll(/\bt\('([\w.-]+)'/g)].map(([, key = '']) => ({ file, key })))
    expect(asked.filter(({ key }) => !known.has(key))).toEqual([])
  })

  it('have no sentence that the screen never asks for', () => {
    const code = sources
      .filter(inCode)
      .map(([, text]) => text)
      .join('\n')
    // A key in full, or what comes before the part that is filled in.
    const asked = new Set([...code.matchAll(/['"`]([\w.-]+)['"`]/g)].map(([, key]) => key))
    const begun = [...code.matchAll(/[`(]([a-z]\w*\.[\w.]*)\$\{/g)].map(([, start = '']) => start)
    const isAsked = (key: string) =>
      asked.has(key) ||
      begun.some((start) => key.startsWith(start)) ||
      [...asked].some((start) => start?.includes('.') && key.startsWith(`${start}.`))
    expect(ENGLISH.map(([key]) => key).filter((key) => !isAsked(key))).toEqual([])
  })
})
