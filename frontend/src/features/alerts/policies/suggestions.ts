import type { LocationQuery, RouteLocationRaw } from 'vue-router'
import type { Noise } from '@/api/types'
import type { PolicyValues } from './policyForm'

const FIELDS = ['warning', 'critical', 'sustained_for', 'clear_margin', 'clear_for'] as const

/** The page of the policy whose form has the suggestion filled in. */
export function editedBy({ policy_id, suggestion }: Noise): RouteLocationRaw {
  const query = Object.fromEntries(Object.entries(suggestion?.change ?? {}).map(([name, value]) => [name, value === null ? '' : String(value)]))
  return { name: 'policy', params: { id: policy_id }, query }
}

/** The values that the address suggests. Ignores what is no number. */
export function suggestedIn(query: LocationQuery): Partial<PolicyValues> {
  const given = FIELDS.flatMap((name) => {
    const text = query[name]
    if (typeof text !== 'string') return []
    const value = text === '' ? null : Number(text)
    const isSpan = name === 'sustained_for' || name === 'clear_for'
    return value === null ? (isSpan ? [] : [[name, null] as const]) : Number.isFinite(value) ? [[name, value] as const] : []
  })
  return Object.fromEntries(given)
}
