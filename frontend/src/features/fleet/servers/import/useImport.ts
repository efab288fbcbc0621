import { computed, onScopeDispose, shallowRef } from 'vue'
import type { ApiError } from '@/api/envelope'
import { importServers } from '@/api/servers'
import type { Import } from '@/api/types'
import { asApiError } from '@/composables/errors'
import { lineProblems } from './problems'

type Step = 'choose' | 'checking' | 'preview' | 'applying' | 'done'

/** Imports a file: choose, try on the server, preview, apply. Only the last step stores anything. */
export function useImport(send: typeof importServers = importServers) {
  const step = shallowRef<Step>('choose')
  const file = shallowRef<File>()
  const plan = shallowRef<Import>()
  const error = shallowRef<ApiError>()
  const problems = computed(() => (error.value === undefined ? [] : lineProblems(error.value.fields)))
  const isWorthApplying = computed(() => plan.value !== undefined && plan.value.created + plan.value.updated > 0)
  let trial = new AbortController()

  async function choose(chosen: File): Promise<void> {
    reset()
    const { signal } = trial
    file.value = chosen
    step.value = 'checking'
    try {
      const answer = await send(chosen, true, signal)
      if (signal.aborted) return
      plan.value = answer
      step.value = 'preview'
    } catch (raw) {
      if (!signal.aborted) fail(raw)
    }
  }

  /** Imports the previewed file, all or nothing. The server checks it again. Returns true if stored. */
  async function apply(): Promise<boolean> {
    if (file.value === undefined || step.value !== 'preview') return false
    step.value = 'applying'
    try {
      plan.value = await send(file.value, false)
      step.value = 'done'
      return true
    } catch (raw) {
      fail(raw)
      return false
    }
  }

  function fail(raw: unknown): void {
    error.value = asApiError(raw)
    plan.value = undefined
    step.value = 'choose'
  }

  /** Starts again. A running trial is ignored. */
  function reset(): void {
    trial.abort()
    trial = new AbortController()
    step.value = 'choose'
    file.value = undefined
    plan.value = undefined
    error.value = undefined
  }

  onScopeDispose(() => trial.abort())
  return { step, file, plan, error, problems, isWorthApplying, choose, apply, reset }
}
