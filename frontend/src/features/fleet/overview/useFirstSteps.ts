import { useStorage } from '@vueuse/core'
import { computed } from 'vue'
import { getMail } from '@/api/admin'
import { getCoverage } from '@/api/alerts'
import { changeServers, listOrdered } from '@/api/servers'
import { useNotice } from '@/composables/useNotice'
import { useQuery } from '@/composables/useQuery'
import { useFleet } from '@/stores/fleet'
import { useSession } from '@/stores/session'

const MOST_SERVERS = 200

/** What a new installation still needs, as an administrator's steps; undefined until known. */
export function useFirstSteps() {
  const fleet = useFleet()
  const session = useSession()
  const notice = useNotice()
  const isHidden = useStorage('first-steps-hidden', false)
  const { data, reload } = useQuery(
    async (signal) => {
      const me = session.user
      if (!session.isAdmin || isHidden.value || me === null) return undefined
      const [coverage, mail, own, online] = await Promise.all([
        getCoverage({ signal }),
        getMail({ signal }),
        listOrdered({ query: { q: me.username, limit: MOST_SERVERS }, signal }),
        listOrdered({ query: { status: 'online', limit: MOST_SERVERS }, signal }),
      ])
      const unheard = new Set(coverage.untold.flatMap(({ servers }) => servers.map(({ id }) => id)))
      return {
        mail,
        isConfigured: coverage.mail_configured,
        isLinked: own.servers.some((server) => server.users.some((user) => user.id === me.id)),
        /** A server that reports, and whose alerts nobody gets. */
        unheard: online.servers.find(({ id }) => unheard.has(id)),
      }
    },
    [() => fleet.changes, isHidden],
  )
  const hasEmail = computed(() => Boolean(session.user?.email))
  const steps = computed(() => [
    {
      name: 'host',
      isDone: (fleet.counts?.total_servers ?? 0) > 0,
      to: '/servers?add=1',
      action: 'overview.start.addHost',
    },
    {
      name: 'recipient',
      isDone: hasEmail.value && data.value?.isLinked === true,
      to: hasEmail.value ? '/coverage' : '/profile',
      action: hasEmail.value ? 'common.nav.coverage' : 'overview.start.setEmail',
    },
    { name: 'mail', isDone: data.value?.mail.works === true, to: '/settings/mail', action: 'overview.start.setMail' },
  ])

  async function linkMe(server_id: number): Promise<void> {
    const link = { action: 'link_users' as const, user_ids: [session.user!.id] }
    await notice.attempt(() => changeServers([server_id], link))
    await reload()
  }

  return { isHidden, data, steps, hasEmail, linkMe }
}
