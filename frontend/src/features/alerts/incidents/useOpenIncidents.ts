import type { Ref } from 'vue'
import { computed, shallowRef, triggerRef, watch } from 'vue'
import type { ApiError } from '@/api/envelope'
import type { Incident } from '@/api/incidents'
import { getIncident } from '@/api/incidents'
import type { Alert } from '@/api/types'
import type { Row } from '@/composables/alertRows'
import { alertOf, isIncident, keyOfRow } from '@/composables/alertRows'
import { asApiError } from '@/composables/errors'

/** What a line of the list shows: *alert*, or else the incident *row*; below an open one, its alerts, or *rest*. */
export interface Line {
  key: number | string
  row: Row
  alert?: Alert
  isNested?: boolean
  rest?: { error?: ApiError; isLoading?: boolean; missing?: number }
}

interface Opened {
  alerts?: Alert[]
  error?: ApiError
}

/** The lines of the list: each row, and below each incident that the user has opened, its alerts. */
export function useOpenIncidents(rows: Readonly<Ref<Row[]>>) {
  const opened = shallowRef(new Map<number, Opened>())
  const isOpen = ({ id }: Incident) => opened.value.has(id)
  const lines = computed(() => rows.value.flatMap((row) => [lineOf(row), ...below(row)]))

  function below(row: Row): Line[] {
    const found = isIncident(row) && alertOf(row) === undefined ? opened.value.get(row.id) : undefined
    if (found === undefined || !isIncident(row)) return []
    const nested = (found.alerts ?? []).map((alert) => ({ ...lineOf(alert), isNested: true }))
    const missing = found.alerts === undefined ? 0 : row.alert_count - nested.length
    const { error } = found
    const isLoading = found.alerts === undefined && error === undefined
    if (!isLoading && error === undefined && missing <= 0) return nested
    return [...nested, { key: `rest ${row.id}`, row, rest: { error, isLoading, missing } }]
  }

  async function load(id: number): Promise<void> {
    const found: Opened = {}
    try {
      found.alerts = (await getIncident(id)).alerts
    } catch (raw) {
      found.error = asApiError(raw)
    }
    if (!opened.value.has(id)) return
    opened.value.set(id, found)
    triggerRef(opened)
  }

  function toggle({ id }: Incident): void {
    if (!opened.value.delete(id)) {
      opened.value.set(id, {})
      void load(id)
    }
    triggerRef(opened)
  }

  // The list was fetched again: its open incidents have changed with it.
  watch(rows, (now) => {
    for (const row of now) if (isIncident(row) && isOpen(row)) void load(row.id)
  })

  return { lines, isOpen, toggle, load }
}

/** A row that is not open. */
export function lineOf(row: Row): Line {
  return { key: keyOfRow(row), row, alert: alertOf(row) }
}
