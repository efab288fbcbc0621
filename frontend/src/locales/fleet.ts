import { addWords } from './index'
import en from './en/fleet'
import zh from './zh-CN/fleet'

/** The texts of the map and the wallboard, which needs no log-in and so has no others. */
export const FLEET_WORDS = { en: { fleet: en }, 'zh-CN': { fleet: zh } }
addWords(FLEET_WORDS)
