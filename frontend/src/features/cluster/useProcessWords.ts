import { useI18n } from 'vue-i18n'
import type { ServingProcess } from '@/api/types'

const ROLES = ['serve', 'alert_maintenance', 'seal_history', 'archive_history'] as const
type Role = (typeof ROLES)[number]

const isKnown = (role: string): role is Role => (ROLES as readonly string[]).includes(role)

/** What a process does and uses, in the reader's language. A role that a later version may have keeps its name. */
export function useProcessWords() {
  const { t } = useI18n()

  function roles(process: ServingProcess): string {
    return process.roles.map((role) => (isKnown(role) ? t(`cluster.role.${role}`) : role)).join(t('cluster.comma'))
  }

  function store({ store }: ServingProcess): string {
    if (store === null) return '–'
    const name =
      { sqlite: 'SQLite', memory: t('cluster.inMemory'), mysql: /mariadb/i.test(store.version) ? '' : 'MySQL' }[
        store.kind
      ] ?? store.kind
    const nodes = store.nodes === null ? '' : t('cluster.nodes', { n: store.nodes }, store.nodes)
    return [[name, store.version].filter(Boolean).join(' '), store.address, nodes].filter(Boolean).join(' · ')
  }

  return { roles, store }
}
