import type { Asked } from './http'
import { get, getPage, post } from './http'
import type { Alert, AlertDetail, Coverage } from './types'

export const listAlerts = (asked?: Asked) => getPage<Alert>('/alerts', asked)
export const getAlert = (id: number, asked?: Asked) => get<AlertDetail>(`/alerts/${id}`, asked)
export const acknowledge = (id: number, note: string | null) => post<AlertDetail>(`/alerts/${id}/ack`, { note })
/** Those that ended meanwhile are named rather than refused. */
export const acknowledgeAll = (alert_ids: number[], note: string | null) =>
  post<{ acknowledged: number[]; already_closed: number[] }>('/alerts/ack', { alert_ids, note })
export const getCoverage = (asked?: Asked) => get<Coverage>('/alerts/coverage', asked)
