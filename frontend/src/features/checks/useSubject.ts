import { computed, shallowRef } from 'vue'
import { serverDate } from '@/api/clock'
import { initialValues } from '@/components/silence/silenceForm'
import { useSilences } from '@/components/silence/useSilences'
import type { Subject } from '@/composables/subjects'
import { scopeOf } from '@/composables/subjects'
import { useFiring } from '@/stores/firing'

/** What the page of a check or check-in shows besides itself: its alerts and silences, and its open dialog. */
export function useSubject<Dialog extends string>(subject: Subject, serverId: () => number | null) {
  const firing = useFiring()
  const alerts = computed(() => firing.byServer.get(subject.id) ?? [])
  const silences = useSilences(subject, [serverId])
  /** A dialog stays mounted after it was opened, for its closing animation. */
  const opened = shallowRef<Dialog | 'silence'>()
  const isOpen = shallowRef(false)
  const silence = shallowRef(initialValues(scopeOf(subject), null, serverDate()))

  function open(name: Dialog | 'silence'): void {
    if (name === 'silence') silence.value = initialValues(scopeOf(subject), null, serverDate())
    opened.value = name
    isOpen.value = true
  }

  return { alerts, silences, silence, opened, isOpen, open }
}
