import { ApiError } from './envelope'
import type { Asked } from './calls'
import { get, post, put, remove } from './http'
import type { Backtest, NewPolicy, Policy, PolicyChange, Schemas } from './types'

/** With the number of servers on which it decides, its place among the others, and what the user may do. */
export type ListedPolicy = Policy & Schemas['PolicyReach']

export const listPolicies = (asked?: Asked<'get', '/api/alert-policies'>) => get('/api/alert-policies', asked)
export async function listPoliciesWithReach(asked: { signal: AbortSignal }): Promise<ListedPolicy[]> {
  const [policies, reach] = await Promise.all([listPolicies(asked), get('/api/alert-policies/reach', asked)])
  const byId = new Map(reach.map((each) => [each.policy_id, each]))
  // One that was just made or deleted may be in one of the answers only.
  return policies.flatMap((policy) => {
    const own = byId.get(policy.id)
    return own === undefined ? [] : [{ ...policy, ...own }]
  })
}
/** What the policy would be, with all that it has by default. Creates nothing. */
export const previewPolicy = (policy: NewPolicy, asked?: { signal: AbortSignal }) =>
  post('/api/alert-policies/preview', { body: policy, ...asked })
export const createPolicy = (policy: NewPolicy) => post('/api/alert-policies', { body: policy })
export const changePolicy = (policy_id: number, change: PolicyChange) =>
  put('/api/alert-policies/{policy_id}', { path: { policy_id }, body: change })
export const deletePolicy = (policy_id: number) => remove('/api/alert-policies/{policy_id}', { path: { policy_id } })

const JOB = '/api/alert-policies/backtest/{job_id}'
const POLL_MS = 400

/**
 * Runs a backtest of a policy. A long one runs as a job: `onProgress` gets 0 to 1, and aborting cancels it on the
 * server too. Throws ApiError. After an abort the error has no meaning.
 */
export async function backtest(
  policy: NewPolicy,
  days: number,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (share: number) => void },
): Promise<Backtest> {
  // Without the signal: a job whose id never arrives could not be cancelled.
  const answer = await post('/api/alert-policies/backtest', { body: { policy, days } })
  if (!('job_id' in answer)) return answer
  const path = { job_id: answer.job_id }
  try {
    for (;;) {
      signal.throwIfAborted()
      const { progress, result, error } = await get(JOB, { path, signal })
      onProgress(progress)
      if (error !== null) throw new ApiError(500, error, error)
      if (result !== null) return result
      await pause(POLL_MS, signal)
    }
  } catch (error) {
    if (signal.aborted) void remove(JOB, { path }).catch(() => undefined)
    throw error
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
