import { useFleet } from '@/stores/fleet'
import type { Subject } from './subjects'

export type NameOf = (subject: Subject) => string | undefined

/** The names of what scopes speak of. */
export function useScopeNames(): NameOf {
  const fleet = useFleet()
  return ({ id }) => fleet.nameOf(id)
}
