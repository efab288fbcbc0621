import { flushPromises } from '@vue/test-utils'
import { effectScope, shallowRef } from 'vue'
import { expect, it, vi } from 'vitest'
import { ApiError } from '@/api/envelope'
import * as api from '@/api/incidents'
import type { Alert } from '@/api/types'
import type { Row } from '@/composables/alertRows'
import { useOpenIncidents } from './useOpenIncidents'

const alert = (id: number) => ({ id, state: 'firing' }) as Alert
const incident = (id: number, count: number) =>
  ({
    id,
    alert_ids: [],
    alert_count: count,
    alert: count === 1 ? alert(id) : null,
  }) as unknown as api.Incident
const get = () => vi.spyOn(api, 'getIncident')
const answer = (...alerts: Alert[]) => get().mockResolvedValue({ alerts } as api.IncidentDetail)

function listed(...rows: Row[]) {
  const list = shallowRef(rows)
  const found = effectScope().run(() => useOpenIncidents(list))!
  return { list, ...found, keys: () => found.lines.value.map(({ key }) => key) }
}

it('an incident of one alert is that alert', () => {
  const { lines } = listed(incident(7, 1), incident(8, 3))
  expect(lines.value.map((line) => line.alert?.id)).toEqual([7, undefined])
})

it('an open incident has its alerts below it, and says how many are not there', async () => {
  answer(alert(1), alert(2))
  const { toggle, keys, lines } = listed(incident(8, 3), incident(9, 2))
  toggle(incident(8, 3))
  expect(lines.value.map(({ rest }) => rest?.isLoading)).toEqual([undefined, true, undefined])
  await flushPromises()
  expect(keys()).toEqual(['incident 8', 1, 2, 'rest 8', 'incident 9'])
  expect(lines.value.find(({ rest }) => rest)?.rest?.missing).toBe(1)
  toggle(incident(8, 3))
  expect(keys()).toEqual(['incident 8', 'incident 9'])
})

it('a list that is fetched again brings the alerts of what is open', async () => {
  answer(alert(1))
  const { toggle, keys, list } = listed(incident(8, 2))
  toggle(incident(8, 2))
  await flushPromises()
  answer(alert(1), alert(2))
  list.value = [incident(8, 2)]
  await flushPromises()
  expect(keys()).toEqual(['incident 8', 1, 2])
})

it('an error is shown in its place, and is gone with the next answer', async () => {
  get().mockRejectedValue(new ApiError(503, 'away', 'away'))
  const { toggle, load, lines, keys } = listed(incident(8, 2))
  toggle(incident(8, 2))
  await flushPromises()
  expect(lines.value.at(-1)?.rest?.error).toBeDefined()
  answer(alert(1), alert(2))
  await load(8)
  expect(keys()).toEqual(['incident 8', 1, 2])
})
