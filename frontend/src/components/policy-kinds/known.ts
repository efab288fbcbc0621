import type { Outlook, PolicyKind } from '@/api/types'
import type { Line } from '@/components/chart/types'
import { addWords } from '@/locales'
import { forecast } from './forecast'
import type { KindOfPolicy } from './kind'
import { range } from './range'
import { threshold } from './threshold'

/** All kinds of policies, in the order in which they are offered. A new one is a line here. */
export const KINDS: Record<PolicyKind, KindOfPolicy> = { threshold, forecast, range }
export const KIND_NAMES = Object.keys(KINDS) as PolicyKind[]

/** Policies of this kind are named by their metric alone. */
export const USUAL: PolicyKind = 'threshold'

const wordsIn = (locale: 'en' | 'zh-CN') => ({
  kinds: Object.fromEntries(KIND_NAMES.map((name) => [name, KINDS[name].words[locale]])),
})
/** The texts of all kinds. The first page does without them. */
export const KIND_WORDS = { en: wordsIn('en'), 'zh-CN': wordsIn('zh-CN') }
addWords(KIND_WORDS)

const linesIn = (outlook: Outlook): Line[] => KINDS[outlook.kind].linesOf?.(outlook) ?? []

/** The lines of what policies see, in the chart of *metrics*. */
export function linesOf(outlooks: Outlook[], metrics: string[]): Line[] {
  return outlooks.filter(({ metric }) => metrics.includes(metric)).flatMap(linesIn)
}

/** Whether the policy knows too little yet, and is silent. */
export const isSilent = (outlook: Outlook) => linesIn(outlook).length === 0

/** A part as a number of percents: 0.07 × 100 is a little more than 7. */
export const inPercent = (part: number) => Math.round(part * 1e6) / 1e4
