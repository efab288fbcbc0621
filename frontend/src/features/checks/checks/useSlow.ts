import { ref } from 'vue'
import type { Check } from '@/api/checks'
import { listCheckPolicies } from '@/api/checks'
import { changePolicy, createPolicy, deletePolicy } from '@/api/policies'
import { useNotice } from '@/composables/useNotice'

const METRIC = 'ms'

/** From how many milliseconds on answers of a check are slow: the check's own policy on its response time. */
export function useSlow() {
  const notice = useNotice()
  /** As typed; empty for none. */
  const slow = ref('')
  let stored = { id: 0, warning: '' }

  async function load(check?: Check): Promise<void> {
    slow.value = ''
    stored = { id: 0, warning: '' }
    if (check === undefined) return
    const rows = await listCheckPolicies(check.id)
    const own = rows.find(
      ({ metric, policy }) => metric === METRIC && policy?.kind === 'threshold' && policy.scope.check_id === check.id,
    )?.policy
    if (own) stored = { id: own.id, warning: own.warning?.toString() ?? '' }
    slow.value = stored.warning
  }

  /** Lasts as long as the failures after which the check is down. */
  async function save(check: Check): Promise<void> {
    if (slow.value.trim() === stored.warning) return
    const warning = Number(slow.value)
    const sustained_for = Math.max(0, check.attempts - 1.5) * check.interval
    await notice.attempt(() =>
      stored.id === 0
        ? createPolicy({
            metric: METRIC,
            kind: 'threshold',
            scope: { check_id: check.id },
            direction: 'above',
            warning,
            sustained_for,
            clear_for: 0,
            enabled: true,
            note: '',
          })
        : slow.value.trim() === ''
          ? deletePolicy(stored.id)
          : changePolicy(stored.id, { warning }),
    )
  }

  return { slow, load, save }
}
