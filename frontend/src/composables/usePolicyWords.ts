import { useI18n } from 'vue-i18n'
import type { Level, Policy } from '@/api/types'
import { useFormat } from './format'
import { badValue, isYesOrNo } from './metrics'
import { useScopeNames } from './useScopeNames'

const LEVELS = ['warning', 'critical'] as const

/** Describes a policy in words. */
export function usePolicyWords() {
  const { t } = useI18n()
  const format = useFormat()
  const names = useScopeNames()

  const scopeOf = (policy: Policy) => format.scope(policy.scope, names)

  /** "CPU · Tag web". */
  const nameOf = (policy: Policy) => `${format.metric(policy.metric)} · ${scopeOf(policy)}`

  /** "≥ 85 %" for each level that has a threshold. An offline policy has none and is critical. */
  function limitsOf(policy: Policy): { level: Level; text: string }[] {
    if (policy.metric === 'offline') return [{ level: 'critical', text: t('policies.offline.short') }]
    const sign = policy.direction === 'above' ? '≥' : '≤'
    const limit = (value: number) => (isYesOrNo(policy.metric) ? format.value(policy.metric, badValue(policy.metric)) : `${sign} ${format.value(policy.metric, value)}`)
    return LEVELS.flatMap((level) => (policy[level] === null ? [] : [{ level, text: limit(policy[level]) }]))
  }

  return { scopeOf, nameOf, limitsOf }
}
