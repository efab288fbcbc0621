import { cancelPlan, getPlan, planConfiguration } from '@/api/configuration'
import type { Plan } from '@/api/types'
import { useReplay } from '@/composables/useReplay'

/** A plan of a file: its changes, and whom it would have paged in the last days. */
export function usePlan(pauseMs?: number) {
  const { answer, isRunning, run, ...others } = useReplay<Plan>({ get: getPlan, cancel: cancelPlan }, pauseMs)
  const make = (config: string, days: number) => run((signal) => planConfiguration(config, days, signal))
  return { ...others, plan: answer, isPlanning: isRunning, make }
}
