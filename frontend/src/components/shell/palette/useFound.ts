import { refDebounced } from '@vueuse/core'
import { h, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { listAlerts } from '@/api/alerts'
import type { Check, CheckIn } from '@/api/checks'
import { listCheckIns, listChecks } from '@/api/checks'
import { listOrdered, listUserOptions } from '@/api/servers'
import { listTeams } from '@/api/teams'
import type { Alert } from '@/api/types'
import LevelBadge from '@/components/alert/LevelBadge.vue'
import CheckState from '@/components/check/CheckState.vue'
import StatusBadge from '@/components/server/StatusBadge.vue'
import { useFormat } from '@/composables/format'
import { useAlertWords } from '@/composables/useAlertWords'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'
import { shownStatus } from '@/stores/fleet'
import { useSession } from '@/stores/session'
import { type Group, type Item, matches } from './items'

const TYPING_MS = 180
/** So many of a kind are shown. One more is asked for, to know if there are more. */
const EACH = 5
const LIMIT = EACH + 1

/** What the server finds for *q* once typing pauses, with the words that it was asked for. */
export function useFound(q: Readonly<Ref<string>>) {
  const { t } = useI18n()
  const format = useFormat()
  const words = useAlertWords()
  const session = useSession()
  const firing = useFiring()
  const asked = refDebounced(q, TYPING_MS)

  /** The first *rows*, and the page with all of them if there are more. Each leads to its own page unless it says. */
  function group<Row extends { id: number | null }>(
    name: string,
    q: string,
    rows: Row[],
    itemOf: (row: Row) => Omit<Item, 'key'>,
  ): Group {
    const items = rows
      .slice(0, EACH)
      .map((row) => ({ key: `${name} ${row.id}`, to: `/${name}/${row.id}`, ...itemOf(row) }))
    const all = { key: name, label: t('palette.all'), to: { path: `/${name}`, query: { q } } }
    return { title: t(`common.nav.${name}`), items: rows.length > EACH ? [...items, all] : items }
  }

  const textOf = (alert: Alert) => `${alert.server_name} · ${format.metric(alert.metric)}`
  const stateOf = ({ state }: Check | CheckIn) => h(CheckState, { state, iconOnly: true })
  const named = (path: string, name: string) => ({ label: name, to: { path, query: { q: name } } })

  /** Those that are held match by all of their words. If more fire, the server searches by name. */
  async function openAlerts(q: string, signal: AbortSignal): Promise<Alert[]> {
    if (firing.isCut) return (await listAlerts({ query: { state: 'firing', q, limit: LIMIT }, signal })).items
    return firing.alerts.filter((alert) => matches(q, `${textOf(alert)} ${t(`common.level.${alert.level}`)}`))
  }

  async function search(q: string, signal: AbortSignal): Promise<Group[]> {
    const call = { query: { q, limit: LIMIT }, signal }
    const [{ servers }, alerts, checks, checkIns, users, teams] = await Promise.all([
      listOrdered(call),
      openAlerts(q, signal),
      listChecks(call),
      listCheckIns(call),
      session.isAdmin ? listUserOptions(call) : [],
      session.isAdmin ? listTeams(call) : [],
    ])
    // The page of alerts searches by name only.
    const byName = alerts.filter((alert) => matches(q, alert.server_name))
    return [
      group('servers', q, servers, (row) => ({
        label: row.server_name,
        detail: row.ip_address,
        mark: () => h(StatusBadge, { status: shownStatus(row, row.live), iconOnly: true }),
      })),
      group('alerts', q, byName.length > EACH ? byName : alerts.slice(0, EACH), (row) => ({
        label: textOf(row),
        detail: words.value(row),
        mark: () => h(LevelBadge, { level: row.level, iconOnly: true }),
      })),
      group('checks', q, checks.items, (row) => ({ label: row.name, detail: row.target, mark: () => stateOf(row) })),
      group('check-ins', q, checkIns.items, (row) => ({ label: row.name, mark: () => stateOf(row) })),
      group('users', q, users, ({ username }) => named('/users', username)),
      group('teams', q, teams, ({ name }) => named('/teams', name)),
    ].filter(({ items }) => items.length > 0)
  }

  return useQuery(
    async (signal) => ({ q: asked.value, groups: asked.value === '' ? [] : await search(asked.value, signal) }),
    [asked],
  )
}
