import type { InjectionKey, ShallowRef } from 'vue'

/** The ids of the rows that are selected in a list, for its table. */
export const SELECTED: InjectionKey<ShallowRef<ReadonlySet<number>>> = Symbol('selected')
