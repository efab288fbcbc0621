import type { Component } from 'vue'
import type { Check, CheckIn, CheckPolicy } from '@/api/checks'
import {
  deleteCheck,
  deleteCheckIn,
  getCheck,
  getCheckIn,
  listCheckInPolicies,
  listCheckPolicies,
  pauseCheck,
  pauseCheckIn,
  resumeCheck,
  resumeCheckIn,
} from '@/api/checks'
import { lazyDialog } from '@/composables/lazily'

type Word =
  | 'title'
  | 'subtitle'
  | 'all'
  | 'add'
  | 'search'
  | 'empty'
  | 'emptyHint'
  | 'emptyHintOthers'
  | 'noAlerts'
  | 'deleteText'
  | 'nameHint'
  | 'serverHint'
  | 'paused'
  | 'resumed'

/** What differs between the pages of checks and of check-ins. */
export interface Pages<Thing extends Check | CheckIn> {
  kind: 'check' | 'check_in'
  home: string
  /** The keys of texts. */
  words: Record<Word, string>
  states: readonly Thing['state'][]
  /** Takes the *thing* to change, and creates one without. */
  dialog: Component
  get: (id: number, asked: { signal?: AbortSignal }) => Promise<Thing>
  policies: (id: number, asked: { signal?: AbortSignal }) => Promise<CheckPolicy[]>
  remove: (id: number) => Promise<unknown>
  pause: (id: number) => Promise<Thing>
  resume: (id: number) => Promise<Thing>
}

export const CHECKS: Pages<Check> = {
  kind: 'check',
  home: '/checks',
  words: {
    title: 'common.nav.checks',
    subtitle: 'checks.subtitle',
    all: 'checks.all',
    add: 'checks.add',
    search: 'checks.filter.q',
    empty: 'checks.empty',
    emptyHint: 'checks.emptyHint',
    emptyHintOthers: 'checks.emptyHintOthers',
    noAlerts: 'checks.noAlerts',
    deleteText: 'checks.delete.text',
    nameHint: 'checks.form.nameHint',
    serverHint: 'checks.form.serverHint',
    paused: 'checks.pause.done',
    resumed: 'checks.pause.over',
  },
  states: ['down', 'up', 'new', 'paused'],
  dialog: lazyDialog(() => import('./checks/CheckDialog.vue')),
  get: getCheck,
  policies: listCheckPolicies,
  remove: deleteCheck,
  pause: pauseCheck,
  resume: resumeCheck,
}

export const CHECK_INS: Pages<CheckIn> = {
  kind: 'check_in',
  home: '/check-ins',
  words: {
    title: 'common.nav.check-ins',
    subtitle: 'checkIns.subtitle',
    all: 'checkIns.all',
    add: 'checkIns.add',
    search: 'checkIns.search',
    empty: 'checkIns.empty',
    emptyHint: 'checkIns.emptyHint',
    emptyHintOthers: 'checkIns.emptyHintOthers',
    noAlerts: 'checkIns.noAlerts',
    deleteText: 'checkIns.deleteText',
    nameHint: 'checkIns.nameHint',
    serverHint: 'checkIns.serverHint',
    paused: 'checkIns.paused',
    resumed: 'checkIns.resumed',
  },
  states: ['down', 'late', 'up', 'new', 'paused'],
  dialog: lazyDialog(() => import('./checkIns/CheckInDialog.vue')),
  get: getCheckIn,
  policies: listCheckInPolicies,
  remove: deleteCheckIn,
  pause: pauseCheckIn,
  resume: resumeCheckIn,
}
