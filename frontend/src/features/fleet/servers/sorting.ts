import { toSort } from '@/components/tableColumns'
import type { Fixed, Moving } from './facts'

export interface Facts {
  fixed: Fixed
  moving: Moving
}

type Value = string | number | null

/** The sort key of a column. Null (unknown) is last in both directions. */
const VALUES: Record<string, (facts: Facts) => Value> = {
  status: ({ moving }) => (moving.lastReport === null ? 0 : moving.status === 'offline' ? 1 : 2),
  // One critical alert counts more than any number of warnings.
  alerts: ({ moving }) => moving.criticals * 1_000 + moving.warnings,
  cpu: ({ moving }) => moving.cpu,
  memory: ({ moving }) => moving.memory,
  disk: ({ moving }) => moving.disk,
  address: ({ fixed }) => fixed.address,
  port: ({ fixed }) => fixed.server.port,
  tags: ({ fixed }) => fixed.server.tags[0]?.toLowerCase() ?? null,
  users: ({ fixed }) => fixed.server.users[0]?.username.toLowerCase() ?? null,
  report: ({ moving }) => moving.lastReport,
  created: ({ fixed }) => fixed.server.created_at,
}

/** Sorts *rows*, which are ordered by name. The sort is stable. */
export function sorted(rows: Facts[], written: string): Facts[] {
  const { key, isDown } = toSort(written)
  const valueOf = VALUES[key]
  if (valueOf === undefined) return isDown ? [...rows].reverse() : rows
  const sign = isDown ? -1 : 1
  return rows
    .map((row) => ({ row, value: valueOf(row) }))
    .sort((one, other) => compared(one.value, other.value, sign))
    .map(({ row }) => row)
}

function compared(one: Value, other: Value, sign: number): number {
  if (one === other) return 0
  if (one === null) return 1
  if (other === null) return -1
  return one < other ? -sign : sign
}
