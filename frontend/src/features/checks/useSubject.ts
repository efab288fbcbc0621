import { computed, shallowRef } from 'vue'
import { serverDate } from '@/api/clock'
import { getServer } from '@/api/servers'
import { listSilences } from '@/api/silences'
import type { Silence } from '@/api/types'
import { initialValues } from '@/components/silence/silenceForm'
import type { Subject } from '@/composables/subjects'
import { scopeOf, subjectOfScope } from '@/composables/subjects'
import { useQuery } from '@/composables/useQuery'
import { useFiring } from '@/stores/firing'

/** What the page of a check or check-in shows besides itself: its alerts and silences, and its open dialog. */
export function useSubject<Dialog extends string>(subject: Subject, serverId: () => number | null) {
  const firing = useFiring()
  const alerts = computed(() => firing.byServer.get(subject.id) ?? [])
  const silences = useQuery((signal) => listSilences({ signal }))
  /** Its server's tags are its own. */
  const host = useQuery(
    async (signal) => {
      const id = serverId()
      return id === null ? undefined : await getServer(id, { signal })
    },
    [serverId],
  )
  const own = computed(() => (silences.data.value ?? []).filter(covers))
  /** A dialog stays mounted after it was opened, for its closing animation. */
  const opened = shallowRef<Dialog | 'silence'>()
  const isOpen = shallowRef(false)
  const silence = shallowRef(initialValues(scopeOf(subject), null, serverDate()))

  function covers({ scope }: Silence): boolean {
    const named = subjectOfScope(scope)
    if (named !== undefined)
      return named.kind === 'server' ? named.id === serverId() : named.kind === subject.kind && named.id === subject.id
    return !scope.tag || (host.data.value?.tags.includes(scope.tag) ?? false)
  }

  function open(name: Dialog | 'silence'): void {
    if (name === 'silence') silence.value = initialValues(scopeOf(subject), null, serverDate())
    opened.value = name
    isOpen.value = true
  }

  return { alerts, silences, own, silence, opened, isOpen, open }
}
