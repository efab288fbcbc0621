import type { Ref } from 'vue'
import { computed, shallowRef, watch } from 'vue'
import type { ApiError } from '@/api/envelope'
import { asApiError } from '@/composables/errors'

interface List {
  /** In order; those that were not fetched yet are undefined. */
  rows: Readonly<Ref<({ id: number } | undefined)[]>>
  /** Fetches the rows from *first* to *last*. */
  fetchRange(first: number, last: number): Promise<{ id: number }[]>
}

/**
 * The selected servers, by their ids. *matching* fetches the ids of all that match the filter, which is *filter*; with
 * true, of all servers. The selection survives a change of filter: `hidden` counts those not shown.
 */
export function useSelection(
  list: List,
  filter: Readonly<Ref<unknown>>,
  matching: (everything: boolean) => Promise<number[]>,
) {
  const ids = shallowRef<ReadonlySet<number>>(new Set())
  /** Those that match, as far as it is known. */
  const shown = shallowRef<ReadonlySet<number>>()
  const error = shallowRef<ApiError>()
  /** Where a range would start: the server, and its place when it was chosen. */
  let anchor: { id: number; at: number } | null = null

  const hidden = computed(() =>
    shown.value === undefined ? 0 : [...ids.value].filter((id) => !shown.value?.has(id)).length,
  )
  const isEverythingShown = computed(() => {
    const known = shown.value
    return (
      known !== undefined &&
      known.size > 0 &&
      ids.value.size >= known.size &&
      [...known].every((id) => ids.value.has(id))
    )
  })

  /** Toggles one server, or sets the range from the last one to it. */
  async function select(id: number, isRange: boolean): Promise<void> {
    const range = isRange ? await between(id) : []
    if (range === undefined) return
    const next = new Set(ids.value)
    if (range.length > 0) {
      const isAdding = anchor !== null && next.has(anchor.id)
      for (const each of range)
        if (isAdding) next.add(each)
        else next.delete(each)
    } else {
      if (!next.delete(id)) next.add(id)
      anchor = { id, at: placeOf(id) }
    }
    ids.value = next
  }

  const placeOf = (id: number) => list.rows.value.findIndex((row) => row?.id === id)

  /** Undefined if the servers between could not be fetched. */
  async function between(to: number): Promise<number[] | undefined> {
    if (anchor === null) return []
    const known = placeOf(anchor.id)
    // Its row may have been dropped meanwhile.
    const from =
      known < 0 && anchor.at in list.rows.value && list.rows.value[anchor.at] === undefined ? anchor.at : known
    const [first = -1, last = -1] = [from, placeOf(to)].sort((one, other) => one - other)
    if (first < 0) return []
    try {
      return (await list.fetchRange(first, last)).map((row) => row.id)
    } catch (raw) {
      error.value = asApiError(raw)
      return undefined
    }
  }

  /** Selects all that match the filter, or none if all are selected. */
  async function selectShown(): Promise<void> {
    const wasEverything = isEverythingShown.value
    if (!(await look())) return
    const next = new Set(ids.value)
    for (const id of shown.value ?? [])
      if (wasEverything) next.delete(id)
      else next.add(id)
    ids.value = next
  }

  /** Fetches what matches. Deleted servers leave the selection. */
  async function look(): Promise<boolean> {
    const asked = filter.value
    try {
      const [found, all] = await Promise.all([matching(false), matching(true)])
      if (asked !== filter.value) return false
      shown.value = new Set(found)
      const left = new Set(all)
      if ([...ids.value].some((id) => !left.has(id))) ids.value = new Set([...ids.value].filter((id) => left.has(id)))
      error.value = undefined
      return true
    } catch (raw) {
      error.value = asApiError(raw)
      return false
    }
  }

  /** The fleet has changed. */
  async function refresh(): Promise<void> {
    if (ids.value.size > 0 || error.value !== undefined) await look()
  }

  function clear(): void {
    ids.value = new Set()
    anchor = null
  }

  watch(filter, () => (shown.value = undefined))
  // Only a selection needs to know what matches.
  watch([filter, () => ids.value.size > 0], () => void refresh())

  return { ids, hidden, isEverythingShown, error, select, selectShown, refresh, clear }
}
