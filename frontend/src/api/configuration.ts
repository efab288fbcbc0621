import { get, getText, post, remove } from './http'

/** Milliseconds that a large file may take. */
const LONG = 600_000

/** The configuration as a file, in YAML. */
export const exportConfiguration = () => getText('/api/config', { timeout: LONG })
/** What a file would change, and whom it would have paged in the last *days*. */
export const planConfiguration = (config: string, days: number, signal?: AbortSignal) =>
  post('/api/config/plan', { body: { config, days }, timeout: LONG, signal })
/** How far the plan is whose pages take long to count. */
export const getPlan = (plan_id: string, signal?: AbortSignal) =>
  get('/api/config/plan/{plan_id}', { path: { plan_id }, signal })
export const cancelPlan = (plan_id: string) => remove('/api/config/plan/{plan_id}', { path: { plan_id } })
/** Refused if something changed since *revision*, that of the plan. */
export const applyConfiguration = (config: string, revision: string) =>
  post('/api/config/apply', { body: { config, revision }, timeout: LONG })
