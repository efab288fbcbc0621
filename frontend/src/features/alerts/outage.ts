/** Why a check-in is down, as the server notes it with its alert. */
export type Outage =
  { kind: 'missed'; at: string; zone: string } | { kind: 'failed'; status: string | null; said: string }

const MISSED = /^expected at ([\d :-]{16,19}) \(([^()]+)\)$/
const FAILED = /^reported failure(?:, exit status (\d+))?(?:: (.*))?$/s

/** Undefined if *note* says something else. */
export function outageOf(note: string): Outage | undefined {
  const [, at, zone] = MISSED.exec(note) ?? []
  if (at !== undefined && zone !== undefined) return { kind: 'missed', at, zone }
  const failed = FAILED.exec(note)
  return failed === null ? undefined : { kind: 'failed', status: failed[1] ?? null, said: failed[2] ?? '' }
}
