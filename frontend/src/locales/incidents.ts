import { addWords } from './index'
import en from './en/incidents'
import zh from './zh-CN/incidents'

/** The texts of incidents and dependencies. What shows them brings them along: the first page does without. */
export const INCIDENT_WORDS = { en: { incidents: en }, 'zh-CN': { incidents: zh } }
addWords(INCIDENT_WORDS)
