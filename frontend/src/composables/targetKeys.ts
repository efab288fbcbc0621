import type { Target } from '@/api/oncall'

/** A target as text, for a list to choose from: "rota_id:3", or "linked", which has no id. */
export function keyOf(target: Target): string {
  const [kind, id] = Object.entries(target).find(([, value]) => typeof value === 'number') ?? ['linked']
  return id === undefined ? kind : `${kind}:${id}`
}

export function targetOf(key: string): Target {
  const [kind = '', id] = key.split(':')
  return id === undefined ? { linked: true } : { [kind]: Number(id) }
}
