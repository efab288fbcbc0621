import { addWords } from './index'
import en from './en/oncall'
import zh from './zh-CN/oncall'

/** The texts of rotas and escalations. Their pages bring them along: the first page does without. */
export const ONCALL_WORDS = { en: { oncall: en }, 'zh-CN': { oncall: zh } }
addWords(ONCALL_WORDS)
