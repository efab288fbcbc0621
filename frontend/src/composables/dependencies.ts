import type { Dependency } from '@/api/incidents'

export const MOST_DEPENDENCIES = 20

/** Servers and checks are numbered together. */
export const idOf = ({ server_id, check_id }: Dependency): number => server_id ?? check_id ?? 0

export const isOnCheck = ({ check_id }: Dependency): boolean => check_id !== null && check_id !== undefined

/** As they are sent: without names. */
export function toSent(dependencies: Dependency[]): Dependency[] {
  return dependencies.map((each) => (isOnCheck(each) ? { check_id: each.check_id } : { server_id: each.server_id }))
}
