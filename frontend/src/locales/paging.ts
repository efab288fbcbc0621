import { addWords } from './index'
import en from './en/paging'
import zh from './zh-CN/paging'

/** The texts of ways, rehearsals and drills. Pages that show them bring them along: the first page does without. */
export const PAGING_WORDS = { en: { paging: en }, 'zh-CN': { paging: zh } }
addWords(PAGING_WORDS)
