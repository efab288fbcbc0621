import { computed, shallowRef } from 'vue'
import { serverNow } from '@/api/clock'
import { listRotas, listShifts } from '@/api/oncall'
import { toDate } from '@/api/times'
import { timeZone } from '@/composables/times'
import { useNow } from '@/composables/useNow'
import { usePolling } from '@/composables/usePolling'
import { useQuery } from '@/composables/useQuery'
import { daysFrom, weeksOf } from './calendar'

export const WEEKS = 4
const RENEW_MS = 60_000
const LISTED = 8

/** A rota with its calendar of four weeks, and what comes. */
export function useRota(id: () => number) {
  const now = useNow()
  const later = shallowRef(0)
  const rotas = useQuery((signal) => listRotas({ signal }))
  const rota = computed(() => rotas.data.value?.find((each) => each.id === id()))
  const isMissing = computed(() => rotas.data.value !== undefined && rota.value === undefined)
  const days = computed(() => daysFrom(new Date(now.value), later.value, WEEKS, timeZone.value))
  /** Changes once a day only, and when others are wanted. */
  const asked = computed(() => `${days.value[0]!.getTime()}/${days.value.at(-1)!.getTime()}`)
  const shifts = useQuery((signal) => listShifts(id(), days.value[0]!, days.value.at(-1)!, { signal }), [id, asked])
  const weeks = computed(() =>
    rota.value && shifts.data.value ? weeksOf(shifts.data.value, days.value, toDate(rota.value.starts_at)) : [],
  )
  /** `now` may be some seconds old: what has just ended is no more shown. */
  const isComing = ({ ends_at }: { ends_at: string }) => toDate(ends_at).getTime() > Math.max(now.value, serverNow())
  /** Without the last one, which the end of the calendar has cut. */
  const coming = computed(() => {
    const found = (shifts.data.value ?? []).filter(isComing)
    const whole = found.filter(({ ends_at }) => toDate(ends_at) < days.value.at(-1)!)
    return (whole.length > 0 ? whole : found).slice(0, LISTED)
  })
  const overrides = computed(() => (rota.value?.overrides ?? []).filter(isComing))

  async function renew(): Promise<void> {
    await Promise.all([rotas.reload(), shifts.reload()])
  }

  usePolling(renew, RENEW_MS)
  return { now, later, rotas, rota, isMissing, shifts, weeks, coming, overrides, renew }
}
