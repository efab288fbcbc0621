import type { Component, FunctionalComponent } from 'vue'
import type { RouteLocationRaw } from 'vue-router'

/** One thing that the palette finds: a place to go to, or an action. */
export interface Item {
  key: string
  label: string
  /** Says more, on the right. */
  detail?: string
  icon?: Component
  /** Its state, in place of an icon. */
  mark?: FunctionalComponent
  /** Other words by which it is found. */
  also?: string
  to?: RouteLocationRaw
  act?: () => unknown
}

export interface Group {
  title: string
  items: Item[]
}

/** True if each word of *q* is in *text*, in any case. */
export function matches(q: string, text: string): boolean {
  const within = text.toLowerCase()
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => within.includes(word))
}

/** The groups with the items that match *q*. */
export const narrowed = (groups: Group[], q: string) =>
  groups
    .map(({ title, items }) => ({
      title,
      items: items.filter((item) => matches(q, `${item.label} ${item.also ?? ''}`)),
    }))
    .filter(({ items }) => items.length > 0)
