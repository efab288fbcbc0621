import type { LocationQuery, RouteLocationRaw } from 'vue-router'
import type { Noise } from '@/api/types'
import type { PolicyValues } from './policyForm'

const FIELDS = ['warning', 'critical', 'sustained_for', 'clear_margin', 'clear_for'] as const

/** The page of the policy whose form has the suggestion filled in. */
export function editedBy({ policy_id, suggestion }: Noise): RouteLocationRaw {
  const query = Object.fromEntries(
    Object.entries(suggestion?.change ?? {}).map(([name, value]) => [name, value === null ? '' : String(value)]),
  )
  return { name: 'policy', params: { id: policy_id }, query }
}

/** The values that the address suggests. Ignores what is no number; only thresholds and the margin may be empty. */
export function suggestedIn(query: LocationQuery): Partial<PolicyValues> {
  const found: Partial<Record<(typeof FIELDS)[number], number | null>> = {}
  for (const name of FIELDS) {
    const text = query[name]
    if (typeof text !== 'string' || !Number.isFinite(Number(text))) continue
    if (text !== '') found[name] = Number(text)
    else if (!name.endsWith('_for')) found[name] = null
  }
  return found as Partial<PolicyValues>
}
