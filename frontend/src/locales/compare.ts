import { addWords } from './index'
import en from './en/compare'
import zh from './zh-CN/compare'

/** The texts of the comparison of servers. Its page brings them along: the first page does without. */
export const COMPARE_WORDS = { en: { compare: en }, 'zh-CN': { compare: zh } }
addWords(COMPARE_WORDS)
